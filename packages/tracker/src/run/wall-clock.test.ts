import { afterEach, expect, it, vi } from 'vitest';
import { WallClock } from './wall-clock.ts';

afterEach(() => vi.restoreAllMocks());

it('is the time in whole milliseconds, and follows the system when its clock is set', () => {
  const elapsed = vi.spyOn(performance, 'now').mockReturnValue(1000.4);
  const system = vi.spyOn(Date, 'now').mockReturnValue(1.79e12);
  const clock = new WallClock();
  expect(clock.now()).toBe(1.79e12);
  elapsed.mockReturnValue(1250.9);
  expect(clock.now()).toBe(1.79e12 + 251);
  // rounding of the system's clock alone moves nothing
  system.mockReturnValue(1.79e12 + 249);
  clock.adjust();
  expect(clock.now()).toBe(1.79e12 + 251);
  system.mockReturnValue(1.79e12 - 3_600_000);
  clock.adjust();
  expect(clock.now()).toBe(1.79e12 - 3_600_000);
});
