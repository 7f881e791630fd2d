import { describe, expect, it } from 'vitest';
import { classAbsences, findingsOf } from './findings.ts';
import { judgeGate, parseGate } from './gate.ts';
import type { JudgedSamples } from './ledgers.ts';

const SETTINGS = { level: 0.95, bootstraps: 200, seed: 1, uses: 1 };

/** Every image is called `wrong` where its class is 0, else what it is. */
function samples(classNames: readonly string[], labels: readonly number[], wrong: number): JudgedSamples {
  const predicted = labels.map((label) => (label === 0 ? wrong : label));
  const classes = classNames.length;
  return {
    runId: wrong,
    runName: `run-${wrong}`,
    split: 'test',
    checkpoint: 'best',
    datasetDigest: 'd',
    datasetName: 'shoes',
    classNames,
    labels: Uint8Array.from(labels),
    predicted: Uint8Array.from(predicted),
    probabilities: Float32Array.from(predicted.flatMap((of) => classNames.map((_, k) => Number(k === of)))),
    ledgerSha256: '',
    labelsSha256: String(classes),
  };
}

function verdict(candidate: JudgedSamples, requirement: string, incumbent?: JudgedSamples) {
  const { facts } = findingsOf(candidate, incumbent, SETTINGS);
  const gate = parseGate(`firstVersion: allow\nrequire:\n  - ${requirement}\n`, 'gate.yaml');
  const first = incumbent === undefined;
  const { classNames } = candidate;
  const judged = judgeGate(gate, { facts, absences: classAbsences(candidate), classNames, first });
  return judged.predicates[0]!;
}

const THIRTY = Array.from({ length: 30 }, (_, i) => i % 3);

describe('two classes of one name', () => {
  // every image of the first "shoe" is called bag, every image of the second is right
  const twins = samples(['shoe', 'shoe', 'bag'], THIRTY, 2);

  it.each(['class.shoe.recall.value >= 0.9', 'class.shoe.recall.value < 0.9', 'class.*.recall.value >= 0'])(
    '%s: is unknown, and says why',
    (requirement) => {
      const found = verdict(twins, requirement);
      expect(found.outcome).toBe('unknown');
      expect(found.note).toContain('two classes of the dataset are called "shoe"');
    },
  );

  it('leave the others as they are', () => {
    expect(verdict(twins, 'class.bag.recall.value == 1').outcome).toBe('passed');
  });
});

describe('a class without images', () => {
  const [a, b] = [0, 2].map((wrong) =>
    samples(
      ['a', 'b', 'c'],
      THIRTY.filter((label) => label !== 1),
      wrong,
    ),
  );

  it.each([
    'class.b.recall.value == 0',
    'class.b.recall.value != 1',
    'class.b.recall.low >= 0',
    'class.b.precision.value == 0',
    'class.b.f1.value == 0',
    'class.b.delta.recall.low == -1',
    'class.b.delta.recall.low >= -1',
    'class.b.delta.recall.p == 1',
    'class.b.delta.f1.value == 0',
    'class.*.recall.value >= 0',
  ])('%s: nobody knows', (requirement) => {
    const found = verdict(b!, requirement, a);
    expect(found.outcome).toBe('unknown');
    expect(found.note).toContain('the test split has no sample of "b"');
  });

  it('leaves the others as they are', () => {
    expect(verdict(b!, 'class.a.recall.value == 0', a).outcome).toBe('passed');
    expect(verdict(b!, 'class.c.delta.recall.value == 0', a).outcome).toBe('passed');
    expect(verdict(b!, 'class.a.delta.recall.value == -1', a).outcome).toBe('passed');
  });
});
