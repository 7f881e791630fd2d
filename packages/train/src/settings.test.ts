import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, readRecipe, recipeNames } from './recipe.ts';
import { parseAssignment, parseConfig, SETTING_PATHS, withSetting, type RawSettings } from './settings.ts';

function overridden(...assignments: string[]): RawSettings {
  return assignments.reduce(
    (settings, text) => withSetting(settings, ...parseAssignment(text)),
    readRecipe('seed-cnn'),
  );
}

describe('recipes', () => {
  it.each(recipeNames())('%s is complete and valid', (name) => {
    const config = parseConfig(readRecipe(name));
    expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('have a default whose whole schedule runs, on the seed CNN as it is but for pooling and dropout', () => {
    const config = parseConfig(readRecipe(DEFAULT_RECIPE));
    expect(config).toMatchObject({ earlyStopping: null, schedule: { kind: 'one-cycle' } });
    const { model } = parseConfig(readRecipe('seed-cnn'));
    expect(config.model).toEqual({ ...model, pooling: 'before-norm', dropout: 0.1 });
  });

  it('of the seed CNN has the settings of the notebook', () => {
    expect(parseConfig(readRecipe('seed-cnn'))).toMatchObject({
      epochs: 5,
      batchSize: 128,
      data: { dataset: 'fashion-mnist' },
      optimizer: { kind: 'adam', learningRate: 0.001, epsilon: 1e-7 },
      model: { filters: [32, 64, 128], blockDropout: [0.25, 0.25, 0.4], dense: [256, 128] },
    });
  });
});

describe('the project', () => {
  it('is the data set, by its name or its descriptor, unless it is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'atelier-project-'));
    const descriptor = join(folder, 'descriptor.json');
    writeFileSync(descriptor, '{ "name": "leaves" }');
    const projectOf = (...assignments: string[]): string => parseConfig(overridden(...assignments)).project;
    expect(projectOf()).toBe('fashion-mnist');
    expect(projectOf('data.dataset=digits')).toBe('digits');
    expect(projectOf(`data.dataset=${descriptor}`)).toBe('leaves');
    expect(projectOf(`data.dataset=${join(folder, 'nowhere.json')}`)).toBe('nowhere');
    expect(projectOf('data.dataset=digits', 'project=mine')).toBe('mine');
    rmSync(folder, { recursive: true });
  });
});

describe('settings', () => {
  it('can every one be named', () => {
    expect(SETTING_PATHS).toEqual(
      expect.arrayContaining(['epochs', 'optimizer.nesterov', 'earlyStopping.patience']),
    );
    expect(SETTING_PATHS).toContain('engine.threads');
  });

  it('are overridden by YAML values', () => {
    const config = parseConfig(
      overridden(
        'optimizer.learningRate=2e-3',
        'model.filters=[8, 16]',
        'model.blockDropout=[0, 0]',
        'earlyStopping=null',
      ),
    );
    expect(config.optimizer.learningRate).toBe(0.002);
    expect(config.model).toMatchObject({ filters: [8, 16] });
    expect(config.earlyStopping).toBeNull();
    expect(config.reduceOnPlateau?.patience).toBe(2);
  });

  it('make the group they stand in', () => {
    const config = parseConfig(
      overridden('earlyStopping=null', 'earlyStopping.patience=9', 'engine.threads=2'),
    );
    expect(config.earlyStopping).toEqual({ monitor: 'val/loss', patience: 9, minDelta: 0 });
    expect(config.engine.threads).toBe(2);
  });

  it('leave the recipe as it was', () => {
    const recipe = readRecipe('seed-cnn');
    const before = structuredClone(recipe);
    withSetting(recipe, 'optimizer.learningRate', 5);
    expect(recipe).toEqual(before);
  });

  it.each([
    [
      'optimizer.lerningRate=1',
      'no setting "optimizer.lerningRate"; the nearest is "optimizer.learningRate"',
    ],
    ['epoch=3', 'no setting "epoch"; the nearest is "epochs"'],
    ['epochs', 'epochs: expected epochs=value, got "epochs"'],
    ['model.filters=[1, 2', 'model.filters: expected a YAML value, got "[1, 2"'],
    ['optimizer.learningRate=fast', 'optimizer.learningRate: expected number, got "fast"'],
    ['optimizer.learningRate=-1', 'optimizer.learningRate: expected number to be >0, got -1'],
    ['epochs=0', 'epochs: expected number to be >=1, got 0'],
    ['epochs=1.5', 'epochs: expected int, got 1.5'],
    [
      'optimizer.kind=adan',
      'optimizer.kind: expected one of adam, adamw, sgd, momentum, got "adan"; the nearest is "adam"',
    ],
    ['model.kind=seed_cnn', 'model.kind: no model family "seed_cnn"; the nearest is "seed-cnn"'],
    ['schedule={kind: cosine, warmupEpochs: 5}', 'schedule.warmupEpochs: expected less than the 5 epochs'],
    ['average={kind: swa, fromEpoch: 6}', 'average.fromEpoch: expected one of the 5 epochs'],
    ['optimizer={kind: sgd, nesterov: true}', 'optimizer.nesterov: expected a momentum above 0 with it'],
    ['clipNorm=0', 'clipNorm: expected number to be >0, got 0'],
    [
      'schedule.kind=cosin',
      'schedule.kind: expected one of constant, step, cosine, polynomial, triangular, one-cycle, got "cosin"; the nearest is "cosine"',
    ],
    [
      'schedule.warmupEpochs=1',
      'schedule.kind: expected one of constant, step, cosine, polynomial, triangular, one-cycle, got nothing',
    ],
    ['labelSmoothing=1', 'labelSmoothing: expected number to be <1, got 1'],
    [
      'engine.precision=bf61',
      'engine.precision: expected one of fp32, bf16, got "bf61"; the nearest is "bf16"',
    ],
    ['optimizer.momentum=0.9', 'no setting "optimizer.momentum"; the nearest is'],
    ['model.blockDropout=[0.1]', 'model.blockDropout: expected one rate for each of the 3 filters, got 1'],
    ['model.blockDropout=[0.1, 1, 0.2]', 'model.blockDropout.1: expected number to be <1, got 1'],
    [
      'earlyStopping.monitor=test/loss',
      'earlyStopping.monitor: expected one of val/loss, val/accuracy, got "test/loss"',
    ],
  ])('refuse %s', (assignment, message) => {
    expect(() => parseConfig(overridden(assignment))).toThrow(message);
  });
});
