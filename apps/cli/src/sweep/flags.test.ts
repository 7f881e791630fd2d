import type { Composed } from '@atelier/train';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type SweepFlags, sweepFrom } from './flags.ts';
import { runSweepCommand } from './run.ts';

/** What `sweep run <flags>` would carry out. */
function composed(flags: readonly string[]): Composed {
  const command = runSweepCommand().action(() => {});
  command.parse([...flags], { from: 'user' });
  return sweepFrom(command.opts<SweepFlags>());
}

function fileOf(yaml: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'atelier-sweep-file-')), 'sweep.yaml');
  writeFileSync(path, yaml);
  return path;
}

describe('flags of a sweep', () => {
  it('are the sweep of the documentation', () => {
    const { spec, notes } = composed([
      '--recipe=seed-cnn',
      '--sampler=grid',
      ...['--space', 'optimizer.learningRate=0.0003,0.001,0.003', '--space', 'model.dropout=0.2..0.5'],
    ]);
    expect(spec).toMatchObject({
      name: expect.stringMatching(/^seed-cnn-grid-[0-9a-f]{6}$/) as string,
      project: 'fashion-mnist',
      objectives: [{ metric: 'val/accuracy', direction: 'maximize' }],
      seeds: [1],
      trials: null,
    });
    expect(spec.space.parameters['model.dropout']).toEqual({ kind: 'choice', values: [0.2, 0.35, 0.5] });
    expect(notes[0]).toContain('has no steps: the grid takes 3 points of it, 0.2, 0.35, 0.5');
  });

  it('give equal sweeps equal names, and others others', () => {
    const flags = ['--space', 'epochs=1..9', '--trials=5'];
    const name = (...more: string[]): string => composed([...flags, ...more]).spec.name;
    expect(name('--workers=7', '--threads=2', '--time-limit=2h')).toBe(name());
    expect(name('--seed=2')).not.toBe(name());
    expect(name('--name=mine')).toBe('mine');
  });

  it('win over a file, which may say all of it', () => {
    const file = fileOf(`
      name: from-file
      recipe: quick-cnn
      set: { epochs: 2 }
      space:
        optimizer.learningRate: log:1e-4..1e-1
        batchSize: [64, 128]
        model.dropout: { kind: float, low: 0, high: 0.5, when: { batchSize: 64 } }
      constraints: ['optimizer.learningRate * batchSize <= 10']
      sampler: { kind: tpe, multivariate: true }
      pruner: asha
      objectives: [val/accuracy, { metric: model/parameters, direction: minimize }]
      seeds: [4, 5]
      trials: 30
      timeLimit: 1.5h
      workers: 2`);
    const { spec } = composed([`--file=${file}`, '--trials=8', '--space', 'batchSize=32,64']);
    expect(spec).toMatchObject({
      ...{ name: 'from-file', trials: 8, seeds: [4, 5], timeLimit: 5400, workers: 2 },
      task: { kind: 'training', recipe: 'quick-cnn', settings: { epochs: 2 } },
      sampler: { kind: 'tpe', multivariate: true },
      pruner: { kind: 'asha' },
      objectives: [{ metric: 'val/accuracy', direction: 'maximize' }, { metric: 'model/parameters' }],
    });
    expect(spec.space.parameters['batchSize']).toEqual({ kind: 'choice', values: [32, 64] });
    expect(spec.space.parameters['model.dropout']).toMatchObject({ when: { batchSize: 64 } });
  });

  it('takes the example that is checked in', () => {
    const example = fileURLToPath(new URL('../../../../sweeps/quick-cnn.yaml', import.meta.url));
    expect(composed([`--file=${example}`]).spec).toMatchObject({ name: 'quick-cnn-tpe', trials: 40 });
  });

  it('takes a range for numbers of the setting: real where it is, whole where it is', () => {
    const parameters = (flags: string[]) =>
      Object.values(composed([...flags, '--trials=2']).spec.space.parameters);
    expect(parameters(['--space', 'optimizer.learningRate=1..3', '--space', 'epochs=1..3'])).toMatchObject([
      { kind: 'float', low: 1, high: 3 },
      { kind: 'int', low: 1, high: 3 },
    ]);
    const module = fileOf('export default () => 1;');
    const branin = [`--objective=${module}`, '--space', 'x=-5..10', '--space', 'y=0..15:1'];
    expect(parameters(branin)).toMatchObject([{ kind: 'float' }, { kind: 'int' }]);
  });

  it('reads a range of a grid in ratios where it is logarithmic', () => {
    const { spec } = composed([
      '--sampler=grid',
      '--space',
      'optimizer.learningRate=log:1e-4..1e-2',
      '--grid-points=5',
    ]);
    const { values } = spec.space.parameters['optimizer.learningRate'] as { values: number[] };
    [1e-4, 10 ** -3.5, 1e-3, 10 ** -2.5, 1e-2].forEach((value, i) =>
      expect(values[i]).toBeCloseTo(value, 12),
    );
  });

  it.each([
    [
      ['--space', 'optimizer.learningRte=1,2'],
      'no setting "optimizer.learningRte"; the nearest is "optimizer.learningRate"',
    ],
    [
      ['--space', 'optimizer.learningRate=-1..1', '--trials=3'],
      'optimizer.learningRate: expected number to be >0, got -1',
    ],
    [['--space', 'batchSize=128..16', '--trials=3'], '128 is above 16'],
    [['--space', 'optimizer.learningRate=log:0..1', '--trials=3'], 'a logarithmic range runs above zero'],
    [['--trials=3'], 'space: it is empty'],
    [
      ['--space', 'epochs=1..1000000', '--sampler=grid'],
      'the grid has 1,000,000 trials, more than 10,000: give a limit with --trials',
    ],
    [['--space', 'epochs=1,2', '--sampler=gird'], 'no sampler "gird"; the nearest is "grid"'],
    [
      ['--space', 'epochs=1,2', '--pruner=medain', '--trials=2'],
      'no pruner "medain"; the nearest is "median"',
    ],
    [['--space', 'epochs=1..9'], 'how many? random has no end of its own'],
    [
      ['--space', 'epochs=1,2', '--sampler=grid', '--objectives=val/acuracy:maximize'],
      'the nearest is "val/accuracy"',
    ],
    [
      ['--space', 'epochs=1,2', '--sampler=grid', '--objectives=test/accuracy:maximize'],
      'look for val/accuracy',
    ],
    [['--space', 'engine.threads=1,2', '--sampler=grid'], 'engine.threads cannot be searched'],
    [['--objective=./nothing.ts', '--space', 'x=1,2'], 'no such file'],
    [['--file=nothing.yaml'], 'no such file'],
    [
      ['--space', 'epochs=1,2', '--sampler=grid', '--time-limit=soon'],
      'expected seconds, or 90s, 30m, 2h, got "soon"',
    ],
    [['--space', 'epochs'], 'expected <setting>=<values>'],
    [
      ['--space', 'epochs=1,2', '--space', 'epochs=3', '--sampler=grid'],
      'epochs is given twice: 1,2 and 3; expected one',
    ],
    [['--space', 'batchSize=16..64.0', '--trials=2'], 'it takes whole numbers'],
    [['--space', 'epochs=1,2', '--sampler=grid', '--name='], '--name: expected a text, got ""'],
  ])('refuses %j', (flags, message) => {
    let refused: unknown;
    try {
      composed(flags);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ usage: true, message: expect.stringContaining(message) as string });
  });

  it.each([
    ['name: x\nspcae: { epochs: [1] }', 'nothing is called "spcae"; the nearest is "space"'],
    ['- 1', 'expected a mapping'],
    ['space: { epochs: [1, 2], seed: [1, 2] }\nsampler: grid\nseeds: 2', 'the space sets seed already'],
    ['space: { epochs: { kind: int, low: 1 } }\ntrials: 2', 'space: epochs: high'],
    ['objective: x.ts\nrecipe: quick-cnn\nspace: { x: [1] }', 'a recipe or an objective module, not both'],
    [
      'space: { epochs: [1, 2] }\ntrials: 2\npruner: median\nobjectives: trainSeconds',
      'known only at the end',
    ],
    ['space: [1', 'is not YAML'],
  ])('refuses the file %j', (yaml, message) => {
    expect(() => composed([`--file=${fileOf(yaml)}`])).toThrow(message);
  });
});
