import { expect, it } from 'vitest';
import { formatTable } from './table.ts';

it('aligns columns by their widest cell', () => {
  const text = formatTable(
    [{ title: 'class' }, { title: 'f1', align: 'right' }],
    [
      ['Bag', '0.98'],
      ['T-shirt/top', '0.9'],
    ],
  );
  expect(text.split('\n')).toEqual([
    'class          f1',
    '-----------  ----',
    'Bag          0.98',
    'T-shirt/top   0.9',
  ]);
});
