import { NotesChangedError, QueryError } from '@atelier/tracker';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Problem } from '../api/schema.ts';

/** HTTP status of each error code that is not simply a failure of ours (500). */
const STATUS = {
  REQUEST_INVALID: 400,
  QUERY: 400,
  TRACKER_INPUT: 400,
  BODY_TOO_LARGE: 413,
  NOTES_CHANGED: 409,
  RUN_STATE: 409,
  HOST_REFUSED: 403,
  TOKEN_MISSING: 401,
  READ_ONLY: 403,
  CROSS_ORIGIN: 403,
  REGISTRY_INPUT: 400,
  GATE_INVALID: 400,
  PREDICATE_INVALID: 400,
  REGISTRY_UNKNOWN: 404,
  GATE_UNKNOWN: 404,
  SMOKE_CHECK: 409,
  LEDGER_MISMATCH: 409,
  ALIAS_MOVED: 409,
  RUN_UNKNOWN: 404,
  NO_PREDICTIONS: 404,
  DATASET_UNKNOWN: 404,
  NO_IMAGE: 404,
  ARTIFACT_UNKNOWN: 404,
  NO_LAYERS: 404,
  OBJECTIVE_UNKNOWN: 404,
  PARAMETER_UNKNOWN: 404,
  SWEEP_UNKNOWN: 404,
  SWEEP_SPEC: 422,
  SWEEP_RUNNING: 409,
  SWEEP_FINISHED: 409,
  SWEEP_RESUME: 409,
  SWEEP_NO_COMMAND: 409,
  DATA_MISSING: 404,
  DATA_UNKNOWN: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  QUERY_TOO_SLOW: 422,
  TOO_MANY_GUESSES: 429,
  TRACKER_TOO_NEW: 503,
  TRACKER_OUTDATED: 503,
  TRACKER_NOT_A_DATABASE: 503,
  TRACKER_FOREIGN: 503,
  TRACKER_CORRUPT: 503,
  TRACKER_ACCESS: 503,
} as const;

function statusOf(code: string): (typeof STATUS)[keyof typeof STATUS] | 500 {
  return Object.hasOwn(STATUS, code) ? STATUS[code as keyof typeof STATUS] : 500;
}

export function problem(context: Context, code: string, message: string, more: Details = {}): Response {
  return context.json({ code, message, ...more } satisfies Problem, statusOf(code));
}

type Details = Omit<Problem, 'code' | 'message'>;

/** What the page needs besides the message to answer in place. */
function detailsOf(error: Error): Details {
  if (error instanceof QueryError)
    return { query: error.query, at: error.at, end: error.end, reason: error.reason };
  return error instanceof NotesChangedError ? { notes: error.notes } : {};
}

/** Anything thrown, as JSON. Errors without a code of ours keep their text to themselves and `onFailure`. */
export const errorHandler =
  (onFailure: (error: Error) => void) =>
  (error: Error, context: Context): Response => {
    if (error instanceof HTTPException) return problem(context, 'REQUEST_INVALID', error.message);
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && !code.startsWith('ERR_'))
      return problem(context, code, error.message, detailsOf(error));
    onFailure(error);
    return problem(context, 'UNEXPECTED', 'the server failed to answer; its terminal says why');
  };
