import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differencesFrom, type EvidenceReference } from '../test/reference-differences.ts';
import { mcnemar, pairedTable, tangoInterval, wilsonInterval } from './index.ts';

const file = new URL('../test/reference/evidence.json', import.meta.url);
const reference = JSON.parse(readFileSync(file, 'utf8')) as EvidenceReference;

/** Where the reference itself is good to fewer digits: SciPy's minimum, statsmodels' noncentral t. */
const LOOSER: Record<string, number> = { 'temperature: loss after': 1e-8, 'power of the t test': 1e-8 };

describe('against SciPy, statsmodels and scikit-learn', () => {
  const found = [...differencesFrom(reference).largest].map(([name, seen]) => ({ name, ...seen }));

  it('compares every kind of case', () => {
    expect(reference.ledgers.length).toBeGreaterThanOrEqual(40);
    expect(found.length).toBeGreaterThanOrEqual(40);
  });

  it.each(found)('$name: $compared numbers', ({ name, difference }) => {
    expect(difference).toBeLessThanOrEqual(LOOSER[name] ?? 1e-11);
  });
});

/** b and c as the papers count them: `first` right in the first only. Differences there are first minus second. */
function table(both: number, first: number, second: number, neither: number) {
  return { bothRight: both, onlyA: second, onlyB: first, bothWrong: neither };
}

describe('published examples', () => {
  // Fagerland, Lydersen and Laake (2013, 2014): Bentur et al. 2009 and Cavo et al. 2012, as R's contingencytables prints them
  it.each([
    ['Bentur 2009', table(1, 1, 7, 12), 0.070313, 0.039063, -0.517, -0.026, 3],
    ['Cavo 2012', table(59, 6, 16, 80), 0.052479, 0.03469, -0.124, -0.0054, 4],
  ] as const)('%s', (_, counts, exact, midP, low, high, digits) => {
    expect(mcnemar(counts).exact).toBeCloseTo(exact, 5);
    expect(mcnemar(counts).midP).toBeCloseTo(midP, 5);
    expect(tangoInterval(counts).low).toBeCloseTo(low, digits);
    expect(tangoInterval(counts).high).toBeCloseTo(high, digits);
  });

  it("R's PropCIs: scoreci.mp(25, 28, 618, 0.90)", () => {
    const interval = tangoInterval(table(565, 28, 25, 0), 0.9);
    expect(interval.low).toBeCloseTo(-0.0148, 4);
    expect(interval.high).toBeCloseTo(0.0247, 4);
  });

  it('the closed form of Tango where nothing is discordant: z^2 / (n + z^2) either side', () => {
    const z = 1.959963984540054;
    const interval = tangoInterval(table(44, 0, 0, 0));
    expect(interval.high).toBeCloseTo(z ** 2 / (44 + z ** 2), 12);
    expect(interval.low).toBeCloseTo(-interval.high, 12);
  });

  it('Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20', () => {
    expect(wilsonInterval(81, 263).low).toBeCloseTo(0.2553, 4);
    expect(wilsonInterval(81, 263).high).toBeCloseTo(0.3662, 4);
    expect(wilsonInterval(0, 20)).toEqual({ low: 0, high: expect.closeTo(0.1611, 4) as number });
  });
});

it('is antisymmetric: swapping the runs turns the interval round', () => {
  const one = tangoInterval(table(80, 12, 5, 20));
  const other = tangoInterval(table(80, 5, 12, 20));
  expect(one.low).toBeCloseTo(-other.high, 13);
  expect(one.high).toBeCloseTo(-other.low, 13);
});

it('counts the paired table by hand', () => {
  expect(pairedTable([0, 1, 2, 0, 1], [0, 1, 0, 1, 0], [0, 0, 2, 1, 1])).toEqual({
    bothRight: 1,
    onlyA: 1,
    onlyB: 2,
    bothWrong: 1,
  });
});
