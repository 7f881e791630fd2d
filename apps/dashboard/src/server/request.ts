import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';
import { problem } from './problem.ts';

export type Target = 'param' | 'query' | 'json';

/** What a handler of a route parses. */
export interface Parsing {
  readonly target: Target;
  readonly schema: z.ZodType;
}

const parsings = new WeakMap<object, Parsing>();

/** Of a handler that `parsed` made: the description of the API is read off the routes themselves. */
export function parsingOf(handler: object): Parsing | undefined {
  return parsings.get(handler);
}

/** Parses a path, a query or a body; what does not parse is answered with 400 and the reason. */
export function parsed<Of extends Target, Schema extends z.ZodType>(target: Of, schema: Schema) {
  const handler = zValidator(target, schema, (result, context) => {
    if (!result.success) {
      return problem(context, 'REQUEST_INVALID', z.prettifyError(result.error).replaceAll('\n', ' '));
    }
    return undefined;
  });
  parsings.set(handler, { target, schema });
  return handler;
}
