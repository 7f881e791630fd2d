import { expect, it } from 'vitest';
import { TrainingClock } from './training-clock.ts';

it('counts from the start of the process to the last step, without what validation takes', () => {
  const clock = new TrainingClock();
  const events = { started: 1000, step: 3000, epoch: 3500 };
  for (const [type, now] of Object.entries(events)) clock.see({ type: type as 'step' }, now);
  expect(clock.seconds).toBe(3);
  clock.see({ type: 'step' }, 5500);
  clock.see({ type: 'epoch' }, 9000);
  clock.see({ type: 'finished' }, 9500);
  expect(clock.seconds).toBe(5);
});
