import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openConnection, openTracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { makeSweep } from '@atelier/tracker/testing/sweep-data';
import { exportRuns } from '../export-runs.ts';

async function exported() {
  const home = makeHome();
  using tracker = openTracker({ home });
  makeSweep(tracker);
  const out = join(home, 'sweeps.db');
  const report = await exportRuns(tracker, { format: 'optuna', out, sweeps: 'learning-rates' });
  const database = openConnection(out, { readonly: true });
  return { report, rows: (sql: string) => database.prepare(sql).raw().all() };
}

describe('an export to Optuna', () => {
  it('has a study per sweep, with states, values and reports as Optuna writes them', async () => {
    const { report, rows } = await exported();
    expect(report).toMatchObject({ sweeps: [1], runs: [], points: 12 });
    expect(report.notes).toEqual(['1 complete trials have no value (NaN): Optuna calls them FAIL']);
    expect(rows('SELECT study_name FROM studies')).toEqual([['learning-rates']]);
    expect(rows('SELECT direction, objective FROM study_directions')).toEqual([['MAXIMIZE', 0]]);
    expect(rows('SELECT number, state FROM trials ORDER BY number')).toEqual([
      [0, 'COMPLETE'],
      [1, 'COMPLETE'],
      [2, 'PRUNED'],
      [3, 'FAIL'],
      [4, 'FAIL'],
      [5, 'COMPLETE'],
      [6, 'WAITING'],
    ]);
    expect(rows('SELECT trial_id, value, value_type FROM trial_values ORDER BY trial_id')).toEqual([
      [1, 0.8, 'FINITE'],
      [2, 0.9, 'FINITE'],
      [3, 0.2, 'FINITE'],
      [6, null, 'INF_NEG'],
    ]);
  });

  it('widens a distribution to the values of earlier trials and writes lists as text', async () => {
    const { rows } = await exported();
    const distributions = rows('SELECT DISTINCT param_name, distribution_json FROM trial_params').map(
      (row) => {
        const [name, json] = row as unknown[];
        return [name, JSON.parse(String(json)).attributes];
      },
    );
    expect(Object.fromEntries(distributions)).toEqual({
      'optimizer.learningRate': { log: true, step: null, low: 0.0001, high: 0.1 },
      batchSize: { log: false, step: 16, low: 16, high: 128 },
      'model.widths': { choices: ['[8,16]', '[16,32]', null] },
      augment: { choices: [true, false] },
    });
  });

  it('refuses runs, and sweeps that are not there', async () => {
    using tracker = openTracker({ home: makeHome() });
    makeSweep(tracker);
    const out = join(tracker.home, 'x.db');
    const wanted = { format: 'optuna', out } as const;
    await expect(exportRuns(tracker, { ...wanted, runs: '1' })).rejects.toThrow(/--sweeps/);
    await expect(exportRuns(tracker, { ...wanted, sweeps: 'learning-rate' })).rejects.toThrow(
      /Did you mean learning-rates/,
    );
    await expect(exportRuns(tracker, { format: 'csv', out, sweeps: '1' })).rejects.toThrow(/--format=optuna/);
  });
});
