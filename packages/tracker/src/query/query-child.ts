import type { QueryReply, QueryRequest } from './query-process.ts';
import { openTracker, type Tracker } from '../tracker.ts';

/** The process of {@link QueryProcess}: ends with its parent, or when that one ends it. */
let home: string | undefined;
let tracker: Tracker | undefined;

function trackerOf(request: QueryRequest): Tracker {
  if (tracker === undefined || request.home !== home) {
    tracker?.close();
    home = request.home;
    tracker = openTracker({ home, readonly: true });
  }
  return tracker;
}

function described(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  // own fields, as a QueryError's place, go with the message, which is none
  return { ...error, name: error.name, message: error.message };
}

process.on('message', (request: QueryRequest) => {
  let reply: QueryReply;
  try {
    const { question } = request;
    const asked = trackerOf(request);
    const result =
      question.kind === 'order'
        ? asked.runIds(question.query)
        : asked.complete(question.text, question.cursor);
    reply = { result };
  } catch (error) {
    reply = { error: described(error) };
  }
  process.send!(reply);
});
process.on('disconnect', () => process.exit());
process.send!('ready');
