import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.ts';

const IMAGE = { height: 1, width: 2, channels: 1 } as const;
const parse = (text: string) => parseCsv(Buffer.from(text), 'table.csv', IMAGE, 10);

describe('parseCsv', () => {
  it.each([
    ['with a header', 'label,pixel1,pixel2\n3,0,255\n9,7,8\n'],
    ['without a header', '3,0,255\n9,7,8\n'],
    ['without a last line end', '3,0,255\n9,7,8'],
    ['with Windows line ends', 'label,pixel1,pixel2\r\n3,0,255\r\n9,7,8\r\n'],
    ['with a byte-order mark', '\ufeff3,0,255\n9,7,8\n'],
    ['with a byte-order mark and a header', '\ufefflabel,pixel1,pixel2\n3,0,255\n9,7,8\n'],
    ['with a quoted header', '"label","pixel1","pixel2"\n3,0,255\n9,7,8\n'],
    ['with blank lines', '3,0,255\n\n9,7,8\n\n'],
  ])('reads a table %s', (_, text) => {
    const { labels, images, count } = parse(text);
    expect([...labels]).toEqual([3, 9]);
    expect([...images]).toEqual([0, 255, 7, 8]);
    expect(count).toBe(2);
  });

  it('reads back whatever was written', () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const set = parse(rows.map((cells) => cells.join(',')).join('\n'));
        expect([...set.labels]).toEqual(rows.map(([label]) => label));
        expect([...set.images]).toEqual(rows.flatMap(([, a, b]) => [a, b]));
      }),
    );
  });

  it.each([
    [
      'a pixel of 300',
      'label,pixel1,pixel2\n1,2,3\n1,300,3\n',
      /^table.csv, row 3: column 2 \(pixel1\): expected a pixel 0 to 255, got "300"/,
    ],
    [
      'a short row',
      '1,2,3\n1,2\n',
      /^table.csv, row 2: a row has 1 label and 2 pixels, this one has 1 pixels/,
    ],
    [
      'a long row',
      '1,2,3\n1,2,3,4\n',
      /^table.csv, row 2: a row has 1 label and 2 pixels, this one has more/,
    ],
    [
      'a label out of range',
      '1,2,3\n10,2,3\n',
      /^table.csv, row 2: column 1 \(label\): expected a label 0 to 9, got "10"/,
    ],
    [
      'a word for the first label',
      'shirt,2,3\n1,2,3\n',
      /^table.csv, row 1: column 1 \(label\): expected a label 0 to 9, got "shirt"/,
    ],
    ['a word', '1,x,3\n', /^table.csv, row 1: column 2 \(pixel1\): expected a pixel 0 to 255, got "x"/],
    ['a fraction', '1,2.5,3\n', /got "2.5"/],
    ['a negative number', '1,-2,3\n', /got "-2"/],
    ['an empty cell', '1,,3\n', /got nothing/],
    ['a header alone', 'label,pixel1,pixel2\n', /^table.csv: no rows/],
    ['nothing', '', /^table.csv: no rows/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
