import { describe, expect, it } from 'vitest';
import { gate, GATE_TEXT } from '../test/registry-home.ts';
import { judgeGate, parseGate } from './gate.ts';

const FACTS = {
  accuracy: { value: 0.9, low: 0.88, high: 0.92 },
  ece: { value: 0.01, low: 0.005, high: 0.03 },
  class: {
    Shirt: { recall: { low: 0.6 }, delta: { recall: { low: -0.034 } } },
    'Ankle boot': { recall: { low: 0.9 }, delta: { recall: { low: 0.01 } } },
  },
  delta: { accuracy: { low: 0.001 } },
  seeds: 2,
};

function judge(
  requirements: readonly string[],
  { first = false, firstVersion = 'allow', absences = [] as { path: string; reason: string }[] } = {},
) {
  const list = requirements.map((text) => `  - ${text}`).join('\n');
  const read = parseGate(`firstVersion: ${firstVersion}\nrequire:\n${list}\n`, 'gate.yaml');
  return judgeGate(read, { facts: FACTS, absences, classNames: ['Shirt', 'Ankle boot'], first });
}

describe('parseGate', () => {
  it('reads settings, predicates and comments', () => {
    const read = gate();
    expect(read).toMatchObject({
      split: 'test',
      level: 0.95,
      bootstraps: 200,
      firstVersion: 'allow',
      unavailable: 'refuse',
    });
    expect(read.predicates).toHaveLength(8);
    expect(read.predicates[1]!.text).toBe('class.*.delta.recall.low > -0.05');
    expect(read.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads quotes, CRLF, a byte order mark and a document start', () => {
    const text =
      '\uFEFF---\r\n"description": \'it\'\'s: fine # here\'\r\nrequire:\r\n- "class[\\"Shirt\\"].recall.low > 0.7"\r\n';
    const read = parseGate(text, 'gate.yaml');
    expect(read.description).toBe("it's: fine # here");
    expect(read.predicates[0]!.path.map((segment) => segment.text)).toEqual([
      'class',
      'Shirt',
      'recall',
      'low',
    ]);
  });

  it.each([
    ['', undefined, 'require'],
    ['require: []\n', 1, 'expected array to have >=1 items'],
    ['require: seeds > 1\n', 1, 'expected array'],
    ['require:\n  - seeds > 1\nrequires:\n  - seeds > 2\n', 3, 'did you mean require?'],
    ['firstVersoin: allow\nrequire:\n  - seeds > 1\n', 1, 'did you mean firstVersion?'],
    ['firstVersion: perhaps\nrequire:\n  - seeds > 1\n', 1, '"allow"|"refuse"'],
    ['level: 95\nrequire:\n  - seeds > 1\n', 1, 'level'],
    ['require:\n  - seeds > 1\n  - delta.acuracy.low > 0\n', 3, 'Did you mean accuracy?'],
    ['require:\n  - seeds > 1\n  - 3\n', 3, 'require.1'],
    ['require:\n  - seeds > 1\nrequire:\n  - seeds > 2\n', 3, 'Map keys must be unique'],
    ['require:\n\t- seeds > 1\n', 2, 'Tabs are not allowed'],
    ['require:\n  - seeds > 1\n    - seeds > 2\n', 2, 'seeds > 1 - seeds > 2'],
    ['require:\n  - seeds: 1\n', 2, 'in quotes'],
    ['require:\n  - &a seeds > 1\n', 2, 'no use for the anchor "&a"'],
    ['description: "no end\nrequire:\n  - seeds > 1\n', 4, 'Missing closing'],
    ['just words', 1, 'expected lines of "name: value"'],
  ])('refuses %j', (text, line, message) => {
    expect(() => parseGate(text, 'gate.yaml')).toThrow(
      expect.objectContaining({
        code: 'GATE_INVALID',
        usage: true,
        line,
        message: expect.stringContaining(message),
      }),
    );
  });

  it('changes its digest with every byte', () => {
    expect(parseGate(`${GATE_TEXT} `, 'x').sha256).not.toBe(gate().sha256);
  });
});

describe('judgeGate', () => {
  it('passes where all hold', () => {
    expect(judge(['accuracy.low > 0.87', 'delta.accuracy.low > 0', 'seeds >= 2'])).toMatchObject({
      passed: true,
    });
  });

  it('names the worst class of a star', () => {
    const verdict = judge(['class.*.delta.recall.low > -0.02', 'seeds >= 2']);
    expect(verdict.passed).toBe(false);
    expect(verdict.predicates[0]).toMatchObject({
      outcome: 'failed',
      value: -0.034,
      note: 'worst of 2: class.Shirt.delta.recall.low; 1 fail',
    });
    expect(judge(['class.*.delta.recall.low > -0.04']).predicates[0]).toMatchObject({
      outcome: 'passed',
      value: -0.034,
    });
  });

  it('does not let pass what it does not know', () => {
    const verdict = judge(['latency.p99 < 20'], { absences: [{ path: 'latency', reason: 'not measured' }] });
    expect(verdict).toEqual({
      passed: false,
      predicates: [
        { predicate: 'latency.p99 < 20', outcome: 'unknown', value: undefined, note: 'not measured' },
      ],
    });
  });

  it('leaves deltas of a first version out, class deltas too, if the file allows one', () => {
    const absences = [{ path: 'delta', reason: 'nobody' }];
    const requirements = [
      'class.*.delta.precision.low > 0',
      'delta.macroF1.low > 0',
      'seedDelta.low > 0',
      'seeds >= 2',
    ];
    const allowed = judge(requirements, { first: true, absences });
    expect(allowed.passed).toBe(true);
    expect(allowed.predicates.map(({ outcome }) => outcome)).toEqual([
      'not applicable',
      'not applicable',
      'not applicable',
      'passed',
    ]);
    expect(judge(requirements, { absences }).passed).toBe(false);
    const refused = judge(['seeds >= 2'], { first: true, firstVersion: 'refuse', absences });
    expect(refused.passed).toBe(false);
    expect(refused.predicates[0]).toMatchObject({ predicate: 'firstVersion', outcome: 'failed' });
  });

  it('takes a class called "delta" for a class', () => {
    const read = parseGate('firstVersion: allow\nrequire:\n  - class.delta.recall.low > 0.5\n', 'gate.yaml');
    const input = { facts: { class: { delta: {} } }, absences: [], classNames: ['delta'], first: true };
    expect(judgeGate(read, input).predicates[0]).toMatchObject({ outcome: 'unknown' });
  });

  it('says of which class of a star nothing is known', () => {
    const absences = [{ path: 'class["Ankle boot"]', reason: 'no sample' }];
    const verdict = judge(['class.*.f1.value > 0'], { absences });
    expect(verdict.passed).toBe(false);
    expect(verdict.predicates[0]!.note).toBe('class.Shirt.f1.value: was not computed');
    expect(judge(['class["Ankle boot"].f1.value == 0'], { absences }).predicates[0]).toMatchObject({
      outcome: 'unknown',
      note: 'no sample',
    });
  });

  it('blames the gate for a class that the dataset does not have', () => {
    expect(() => judge(['class.Shrit.recall.low > 0'])).toThrow(/gate\.yaml: "Shrit".*Did you mean Shirt\?/s);
  });
});
