import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns, compareSeeds, formatP, outcomeOf, seedVerdict, verdict } from './index.ts';

/**
 * Two runs by what each class's samples are: `[both right, only A, only B, both wrong]`; wrong answers go to the next
 * class.
 */
function runs(counts: readonly (readonly number[])[]) {
  const [labels, predictedA, predictedB]: number[][] = [[], [], []];
  counts.forEach((classCounts, label) => {
    classCounts.forEach((count, place) => {
      const wrong = (label + 1) % counts.length;
      for (let i = 0; i < count; i++) {
        labels!.push(label);
        predictedA!.push(place === 0 || place === 1 ? label : wrong);
        predictedB!.push(place === 0 || place === 2 ? label : wrong);
      }
    });
  });
  return { labels: labels!, predictedA: predictedA!, predictedB: predictedB!, bootstraps: 200 };
}

const BETTER = runs([
  [4500, 20, 120, 300],
  [4500, 60, 20, 480],
]);

describe('verdict', () => {
  it('says who is better, by how much, how sure, and on which class it is worse', () => {
    const { outcome, text } = verdict(compareRuns({ ...BETTER, classNames: ['Coat', 'Shirt'] }));
    expect(outcome).toBe('better');
    expect(text).toBe(
      'B is better than A by 0.60 points [0.31, 0.90], p < 0.001; ' +
        'on Shirt it is worse by 0.79 (adjusted p < 0.001); on Coat it is better by 2.02 (adjusted p < 0.001).',
    );
  });

  it('turns round with the runs', () => {
    const { predictedA, predictedB } = BETTER;
    const turned = compareRuns({
      ...BETTER,
      predictedA: predictedB,
      predictedB: predictedA,
      classNames: ['Coat', 'Shirt'],
    });
    const { outcome, text } = verdict(turned, { a: 'run 12', b: 'run 15' });
    expect(outcome).toBe('worse');
    expect(text).toContain(
      'run 15 is worse than run 12 by 0.60 points [0.31, 0.90], p < 0.001; on Coat it is worse',
    );
  });

  it('says what it would take where nothing can be shown', () => {
    const close = runs([
      [900, 20, 28, 52],
      [900, 20, 20, 60],
    ]);
    const { outcome, sentences } = verdict(compareRuns({ ...close, classNames: ['Coat', 'Shirt'] }));
    expect(outcome).toBe('undecided');
    expect(sentences[0]).toBe(
      'No difference between A and B can be shown: B minus A is 0.40 points [-0.53, 1.34], p = 0.40.',
    );
    expect(sentences[1]).toMatch(
      /^They disagree in being right on 88 of 2,000 samples; a difference of 1\.3\d points/,
    );
    expect(sentences[2]).toMatch(/about 20,000 more samples would be needed/);
  });

  it('says when there is too little to go by', () => {
    const evidence = compareRuns({
      ...runs([
        [50, 1, 2, 0],
        [50, 0, 0, 0],
      ]),
      classNames: ['Coat', 'Shirt'],
    });
    expect(evidence.accuracy.detectable).toBeNull();
    expect(verdict(evidence).sentences[1]).toBe(
      'They disagree in being right on 3 of 103 samples; too few to show any difference.',
    );
  });

  it('raises the bar with every decision on the same split', () => {
    const barely = runs([
      [9000, 60, 90, 850],
      [0, 0, 0, 1],
    ]);
    const once = compareRuns({ ...barely, classNames: ['Coat', 'Shirt'] });
    const tenth = compareRuns({ ...barely, classNames: ['Coat', 'Shirt'], decisions: 10 });
    expect(verdict(once).outcome).toBe('better');
    expect(verdict(tenth).outcome).toBe('undecided');
    expect(verdict(tenth).text).toContain(
      'p must be at most 0.0050 instead of 0.05, and the interval is of 99.5 %: without that correction',
    );
    expect(verdict(tenth).text).toContain('without that correction the difference would have counted');
    expect(tenth.accuracy.correctedInterval.low).toBeLessThan(once.accuracy.correctedInterval.low);
  });
});

it('has one verdict: words, interval and p never contradict each other', () => {
  const counts = fc.tuple(fc.nat(300), fc.nat(40), fc.nat(40), fc.nat(20));
  const property = fc.property(counts, fc.integer({ min: 1, max: 40 }), (table, decisions) => {
    const input = { ...runs([[...table], [1, 0, 0, 0]]), classNames: ['Coat', 'Shirt'], bootstraps: 100 };
    const evidence = compareRuns({ ...input, decisions });
    const { outcome, sentences } = verdict(evidence);
    const { low, high } = evidence.accuracy.correctedInterval;
    expect(outcome).toBe(outcomeOf(evidence));
    expect(sentences[0]!.startsWith('No difference')).toBe(outcome === 'undecided');
    if (outcome !== 'undecided') {
      expect(outcome === 'better' ? low : -high).toBeGreaterThan(0);
      expect(evidence.accuracy.midP).toBeLessThanOrEqual(evidence.budget.correctedAlpha);
    }
    if (low <= 0 && high >= 0) expect(outcome).toBe('undecided');
  });
  fc.assert(property, { seed: 20261201, numRuns: 100 });
});

it('names every loss and the largest three gains', () => {
  const classNames = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox'];
  const gains = [30, 90, 60, 70, 80].map((gain) => [900, 0, gain, 20]);
  const { text } = verdict(compareRuns({ ...runs([...gains, [900, 40, 0, 20]]), classNames }));
  expect(text.match(/(on \w+ it is \w+|and better .*)(?= by|\.$)/g)).toEqual([
    'on fox it is worse',
    'on bee it is better',
    'on elk it is better',
    'on dog it is better',
    'and better on 2 more classes',
  ]);
});

describe('seedVerdict', () => {
  it('judges recipes', () => {
    const clear = compareSeeds([0.911, 0.912, 0.91, 0.913], [0.921, 0.92, 0.922, 0.919]);
    expect(seedVerdict(clear).text).toBe(
      'Over 4 seeds of A and 4 of B, B is better by 0.90 points [0.68, 1.12], p < 0.001; ' +
        'a new seed of B beats a new seed of A with probability 1.00.',
    );
  });

  it('says how many seeds would settle it', () => {
    const open = compareSeeds([0.91, 0.915, 0.92], [0.913, 0.917, 0.921]);
    expect(seedVerdict(open).outcome).toBe('undecided');
    expect(seedVerdict(open).text).toMatch(/about \d+ seeds of each would settle it\.$/);
  });
});

it.each([
  [0.0002, 'p < 0.001'],
  [0.0049, 'p = 0.005'],
  [0.5, 'p = 0.50'],
  [1, 'p = 1.00'],
])('writes p = %f as %s', (p, text) => {
  expect(formatP(p)).toBe(text);
});
