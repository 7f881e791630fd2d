import { openSweeps, openTracker, type Tracker } from '@atelier/tracker';
import {
  failureOf,
  type FromWorker,
  loadObjective,
  processName,
  SweepSpec,
  SweepWorker,
  threadsOf,
  type ToWorker,
  type TrialRunner,
  type WorkerPort,
} from '@atelier/train';
import { atelierHome } from '../terminal/home.ts';

/** The process of one worker of a sweep: `worker.ts <sweep> <lease in ms>`. */
const [sweepId, leaseMs] = process.argv.slice(2).map(Number) as [number, number];

// Ctrl-C reaches the whole group of the terminal: the scheduler says what it means
for (const name of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(name, () => {});

let sent: Promise<unknown> = Promise.resolve();

function send(message: FromWorker): void {
  if (process.connected) sent = new Promise((resolve) => process.send!(message, undefined, {}, resolve));
}

const port: WorkerPort = {
  send,
  onMessage: (listener) => void process.on('message', (message) => listener(message as ToWorker)),
  onClosed(listener) {
    process.on('disconnect', listener);
    // it may have gone while this process started
    if (!process.connected) listener();
  },
};

async function openRunner(tracker: Tracker, spec: SweepSpec): Promise<TrialRunner> {
  const { task, space } = spec;
  if (task.kind === 'function') return loadObjective(task.module);
  // tensors are loaded only where they are needed
  const { TrainingRunner } = await import('./training.ts');
  const runner = new TrainingRunner(tracker, spec, threadsOf(spec));
  const searched = Object.keys(space.parameters).some(
    (path) => path === 'engine' || path.startsWith('engine.'),
  );
  if (!searched) await runner.open(task.settings);
  return runner.run;
}

async function work(tracker: Tracker): Promise<void> {
  const store = openSweeps(tracker);
  const spec = SweepSpec.parse(store.get(sweepId).spec);
  let run: TrialRunner;
  try {
    run = await openRunner(tracker, spec);
  } catch (error) {
    const usage = (error as { usage?: unknown }).usage === true;
    return send({ type: 'broken', failure: { ...failureOf(error), usage } });
  }
  const asksPruner = spec.pruner.kind !== 'none';
  const rest = { name: processName(), objectives: spec.objectives.length, asksPruner };
  const worker = new SweepWorker({ sweepId, store, port, run, leaseMs, ...rest });
  watchFaults(worker);
  await worker.work();
}

/** An error that escapes a trial, or a trial that ends the process, is the trial's failure, not the worker's. */
function watchFaults(worker: SweepWorker): void {
  const onFault = (error: unknown): void => {
    if (worker.fault(error)) return;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  };
  process.on('unhandledRejection', onFault).on('uncaughtException', onFault);
  process.on('exit', (code) => worker.exiting(code));
}

async function main(): Promise<void> {
  const tracker = openTracker({ home: atelierHome(), onWarning: () => {} });
  await work(tracker);
  tracker.close();
  await sent;
  // a trial that did not listen may still be at it
  if (process.connected) process.disconnect();
  process.exit(0);
}

void main();
