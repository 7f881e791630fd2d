import { z } from 'zod';

/** What a run printed. `next` is what to ask for next time as `after`. */
export const ConsoleQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });

export const ConsolePage = z.strictObject({
  lines: z.array(z.strictObject({ at: z.number(), stream: z.enum(['out', 'err']), text: z.string() })),
  next: z.int(),
});
export type ConsolePage = z.output<typeof ConsolePage>;

/** Uncommitted changes as they were when the run started; `cut`: there was more than is shown. */
export const Diff = z.strictObject({ text: z.string(), cut: z.boolean() });
export type Diff = z.output<typeof Diff>;
