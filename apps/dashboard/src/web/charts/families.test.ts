import { expect, it } from 'vitest';
import { minusBaseline, withBands } from './families.ts';
import type { PlotLine } from './scene.ts';

function line(run: number, x: number[], y: (number | null)[]): PlotLine {
  return {
    ...{ id: `${run} val/loss`, run, label: `run ${run}`, span: 1, colour: 'red', dashed: false },
    ...{ x, y, low: null, high: null, smooth: null, odd: [] },
  };
}

it('draws seeds as their mean and range, at the places of all of them', () => {
  const lines = [line(1, [0, 2], [0, 4]), line(2, [0, 1, 2], [2, 6, 2]), line(3, [0, 2], [9, 9])];
  const replay = line(4, [0, 2], [0, 4]);
  const seeds = new Map([
    [1, 7],
    [2, 8],
    [4, 7],
  ]);
  const [band, alone, ...rest] = withBands([...lines, replay], (run) => {
    return run === 3 ? undefined : { family: 'family', seed: seeds.get(run) };
  });
  expect(rest).toEqual([]);
  expect(band).toMatchObject({ x: [0, 1, 2], y: [1, 4, 3], low: [0, 2, 2], high: [2, 6, 4] });
  expect(band!.label).toBe('run 1, mean of 2');
  expect(alone).toBe(lines[2]);
  // runs whose settings have no seed stand each for itself
  expect(withBands(lines.slice(0, 2), () => ({ family: 'family', seed: null }))[0]!.label).toContain(
    'mean of 2',
  );
});

it('takes the baseline off, only where it has a value', () => {
  const [base, other] = minusBaseline([line(1, [0, 4], [1, 3]), line(2, [-1, 0, 2, 4], [9, 1, 5, null])], 1);
  expect(base!.y).toEqual([0, 0]);
  expect(other!.y).toEqual([null, 0, 3, null]);
  expect(minusBaseline([line(2, [0], [1])], 1)).toEqual([]);
});
