import type { ObjectiveContext } from '@atelier/train';
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Takes a while in a few steps, and writes down that it began: what the kill benchmark searches. */
export default async function objective(
  parameters: Readonly<Record<string, unknown>>,
  { report, signal, number }: ObjectiveContext,
): Promise<number> {
  appendFileSync(process.env['SWEEP_LOG']!, `${number}\n`);
  const [a, b] = [Number(parameters['a']), Number(parameters['b'])];
  for (let step = 1; step <= 3; step++) {
    await wait(Number(process.env['SWEEP_STEP_MS']), undefined, { signal });
    await report(step, a + b / step);
  }
  return a + b;
}
