import { describe, expect, it } from 'vitest';
import { coverage } from '../bench/coverage.ts';

describe('simulation, in short', () => {
  it.each(coverage(0.02))('$name', ({ name, rate, trials, wanted }) => {
    const spread = Math.sqrt((wanted * (1 - wanted)) / trials);
    if (name.includes('exact')) expect(rate).toBeLessThanOrEqual(wanted + 3.5 * spread);
    // approximate methods miss their level by up to a point at these sizes
    else expect(Math.abs(rate - wanted)).toBeLessThanOrEqual(3.5 * spread + 0.015);
  });
});
