import { describe, expect, it, onTestFinished } from 'vitest';
import { CLASSES, DIGEST, recordRun } from '../test/registry-home.ts';
import { makeHome } from '@atelier/tracker/testing/home';
import { compareLedgers } from './comparison.ts';
import { openRegistry } from './registry.ts';

function open(home: string) {
  const registry = openRegistry({ home });
  onTestFinished(() => registry.close());
  const compare = (a: number, b: number, split = 'test') =>
    compareLedgers(
      {
        tracker: registry.tracker,
        seedFamily: (run) => registry.seedFamily(run),
        countLook: (datasetDigest) =>
          registry.countLook({ datasetDigest, split, runA: a, runB: b, command: 'test' }),
      },
      { a: { runId: a }, b: { runId: b }, split, bootstraps: 300 },
    );
  return { registry, compare };
}

describe('compareLedgers', () => {
  it('says in the table, the matrices and the sentences who is better where', () => {
    const home = makeHome();
    const a = recordRun(home, { name: 'a', recalls: [0.8, 0.9, 0.8, 0.85] });
    const b = recordRun(home, { name: 'b', recalls: [0.95, 0.97, 0.6, 0.97], seed: 2 });
    const comparison = open(home).compare(a, b);
    const { bothRight, onlyA, onlyB, bothWrong } = comparison.evidence.table;
    expect(bothRight + onlyA + onlyB + bothWrong).toBe(1200);
    const hits = (matrix: readonly (readonly number[])[]) =>
      matrix.reduce((sum, row, at) => sum + row[at]!, 0);
    expect(hits(comparison.a.matrix)).toBe(bothRight + onlyA);
    expect(hits(comparison.b.matrix)).toBe(bothRight + onlyB);
    const [head] = comparison.verdict;
    expect(head).toMatch(/^b is better than a by \d+\.\d\d points \[\d+\.\d\d, \d+\.\d\d\], p [<=] /);
    expect(head).toMatch(/on Shirt it is worse by (1\d|2\d)\.\d\d/);
    const shirts = comparison.evidence.cells.find(({ label, predicted }) => label === 2 && predicted === 3)!;
    expect(shirts.countB - shirts.countA).toBe(shirts.onlyB - shirts.onlyA);
    expect(shirts.countB).toBe(comparison.b.matrix[2]![3]);
    expect(shirts.adjustedP).toBeLessThan(0.001);
  });

  it('shows no difference where there is none', () => {
    const home = makeHome();
    const recalls = [0.8, 0.9, 0.8, 0.85];
    const a = recordRun(home, { name: 'a', recalls });
    const b = recordRun(home, { name: 'b', recalls, seed: 2 });
    const [head] = open(home).compare(a, b).verdict;
    expect(head).toMatch(
      /^No difference between a and b can be shown: b minus a is -?\d\.\d\d points \[-\d\.\d\d, \d\.\d\d\]/,
    );
  });

  it('raises the bar with every judgement, not with looking again', () => {
    const home = makeHome();
    const ids = [1, 2, 3].map((seed) =>
      recordRun(home, { name: `r${seed}`, recalls: [0.8, 0.9, 0.8, 0.85], seed }),
    );
    const { compare } = open(home);
    expect(compare(ids[0]!, ids[1]!).evidence.budget.correctedAlpha).toBeCloseTo(0.05, 12);
    expect(compare(ids[1]!, ids[0]!)).toMatchObject({ use: { uses: 1, looks: 2 } });
    const third = compare(ids[1]!, ids[2]!);
    expect(third).toMatchObject({ use: { uses: 2, looks: 3 } });
    expect(third.evidence.budget.correctedAlpha).toBeCloseTo(0.025, 12);
    expect(third.verdict.at(-1)).toContain('This is decision 2 on this split');
    expect(third.b.seeds.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  });

  it('counts nothing for the validation split', () => {
    const home = makeHome();
    const [a, b] = [1, 2].map((seed) =>
      recordRun(home, { name: `r${seed}`, recalls: [0.8, 0.9, 0.8, 0.85], seed, split: 'val' }),
    );
    const { registry, compare } = open(home);
    expect(compare(a!, b!, 'val').use).toBeUndefined();
    expect(registry.decisions()).toEqual([]);
  });

  it('refuses other samples, no ledger, and a run against itself', () => {
    const home = makeHome();
    const recalls = [0.8, 0.9, 0.8, 0.85];
    const a = recordRun(home, { name: 'a', recalls });
    const b = recordRun(home, { name: 'b', recalls, digest: 'e'.repeat(64), samplesPerClass: 10 });
    const c = recordRun(home, { name: 'c', recalls, split: 'val' });
    const { registry, compare } = open(home);
    const refused = (message: RegExp) =>
      expect.objectContaining({
        code: 'LEDGER_MISMATCH',
        usage: true,
        message: expect.stringMatching(message),
      });
    expect(() => compare(a, b)).toThrow(
      refused(
        /digest dddddddddddd, 1200 samples of test\), run 2 \(b\) on clothes \(digest eeeeeeeeeeee, 40 samples/,
      ),
    );
    expect(() => compare(a, c)).toThrow(
      refused(/run 3 \(c\) has no prediction ledger of test; it has: val \(best\)/),
    );
    expect(() => compare(a, a)).toThrow(refused(/A and B are the same: run 1 \(a\), best/));
    expect(registry.decisions()).toEqual([]);
    expect(registry.tracker.dataset(DIGEST)!.classNames).toEqual(CLASSES);
  });
});
