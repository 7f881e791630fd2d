import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';
import { problem } from './problem.ts';

/** Parses a path, a query or a body; what does not parse is answered with 400 and the reason. */
export function parsed<Target extends 'param' | 'query' | 'json', Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  return zValidator(target, schema, (result, context) => {
    if (!result.success) {
      return problem(context, 'REQUEST_INVALID', z.prettifyError(result.error).replaceAll('\n', ' '));
    }
    return undefined;
  });
}
