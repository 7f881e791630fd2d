import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvShape, parseCsv } from './csv.ts';

const IMAGE = { height: 1, width: 2, channels: 1 } as const;
const DIGITS = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const table = (text: string, file = 'table.csv') => [file, Buffer.from(text)] as const;
const parse = (text: string, shape: Partial<CsvShape> = {}) =>
  parseCsv([table(text)], { image: IMAGE, classes: DIGITS, ...shape })[0]!;

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
    ['with blank lines first', '\n\r\n3,0,255\n9,7,8'],
    ['with a header of positions', 'label,1x1,1x2\n3,0,255\n9,7,8\n'],
    ['with a header of spaced names', 'label, pixel1, pixel2\n3,0,255\n9,7,8\n'],
    ['with a header of underscores', 'label,_1,_2\n3,0,255\n9,7,8\n'],
    ['with a header of other letters', 'класс,пиксель1,пиксель2\n3,0,255\n9,7,8\n'],
    ['with a header that only counts', 'digit,0,1\n3,0,255\n9,7,8\n'],
    ['with a header that only counts pixels', 'label,7,8\n3,0,255\n9,7,8\n'],
    ['with all fields quoted', '"label","pixel1","pixel2"\n"3","0","255"\n"9","7","8"\n'],
    ['with blanks around fields', ' 3 , 0 ,\t255 \n "9" , "7", 8\n'],
    ['with the label last', 'p1,p2,label\n0,255,3\n7,8,9\n'],
    ['with the class last', 'pixel1,pixel2,class\r\n0,255,3\r\n7,8,9\r\n'],
    ['with the target in the middle', 'a1,Target,a2\n0,3,255\n7,9,8\n'],
    ['with the only name without a number last', 'p1,p2,digit\n0,255,3\n7,8,9\n'],
    ['with class names', '"class 3",0,255\nclass 9,7,8\n'],
    ['with class names last', '0,255,class 3\n7,8,class 9\n'],
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
        const set = parse(['label,a,b', ...rows.map((cells) => cells.join(','))].join('\n'));
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
      /^table.csv, row 2: column 1 \(label\): expected a label 0 to 9 or a class name, got "10"/,
    ],
    [
      'a word for the first label',
      'shirt,2,3\n1,2,3\n',
      /^table.csv, row 1: column 1 \(label\): expected a label 0 to 9 or a class name, got "shirt"/,
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

  it.each([
    ['a column by name', 'digit,x,y\n3,0,255\n', 'DIGIT'],
    ['the first', '3,0,255\n', 'first'],
    ['the last', '0,255,3\n', 'last'],
  ])('reads the label from %s where the descriptor says so', (_, text, labelColumn) => {
    const { labels, images } = parse(text, { labelColumn });
    expect([[...labels], [...images]]).toEqual([[3], [0, 255]]);
  });

  it.each([
    ['names two labels', 'label,p1,class\n1,2,3\n', {}, /the label may be "label" or "class"; say where/],
    ['names no label', 'a1,b2,c3\n1,2,3\n', {}, /no column of the header is called label/],
    ['lacks the named column', 'label,p1,p2\n1,2,3\n', { labelColumn: 'klass' }, /no column "klass"/],
    ['is missing', '1,2,3\n', { labelColumn: 'kind' }, /there is no header with a column "kind"/],
    ['is too long', 'label,p1,p2,p3\n1,2,3,4\n', {}, /a header of 4 columns; 1 label and 2 pixels are 3/],
  ])('refuses a table whose header %s', (_, text, shape, message) => {
    expect(() => parse(text, shape)).toThrow(message);
  });

  const two = ['no', 'yes'];
  it.each([
    ['the first column is a black border', '0,9,0\n0,8,0\n0,7,1\n'],
    ['both ends hold every class', '0,9,1\n1,8,0\n1,7,1\n'],
  ])('refuses to guess where there is no header and %s', (_, text) => {
    expect(() => parse(text, { classes: two })).toThrow(
      /row 1: without a header the label is in the first column/,
    );
    expect(parse(text, { classes: two, labelColumn: 'last' }).labels).toHaveLength(3);
  });

  it('reads a test table without a header like the training table', () => {
    const tables = [table('p1,p2,label\n0,255,3\n'), table('7,8,9\n', 'test.csv')];
    const [, test] = parseCsv(tables, { image: IMAGE, classes: DIGITS });
    expect([...test!.labels]).toEqual([9]);
  });

  it('takes class names that are numbers for names, and refuses them where they may be positions', () => {
    const classes = ['1', '2', '5', '10'];
    expect([...parse('10,0,0\n2,0,0\n', { classes }).labels]).toEqual([3, 1]);
    const doubtful = () => parse('1,0,0\n2,0,0\n', { classes });
    expect(doubtful).toThrow(/label 1 may be class number 1 \("2", counted from 0\) or the class named "1"/);
    expect([...parse('1,0,0\n2,0,0\n', { classes, labels: 'indices' }).labels]).toEqual([1, 2]);
    expect([...parse('1,0,0\n2,0,0\n', { classes, labels: 'names' }).labels]).toEqual([0, 1]);
  });

  it('names the nearest class for a misspelt one', () => {
    expect(() => parse('bag,0,0\nshoo,0,0\n', { classes: ['bag', 'shoe'] })).toThrow(
      /row 2: .*got "shoo"; the nearest class is "shoe"/,
    );
  });

  it('takes no more memory than the bytes can fill, whatever image a descriptor asks for', () => {
    const image = { height: 4096, width: 4096, channels: 3 } as const;
    expect(() => parse('1,2\n'.repeat(100_000), { image })).toThrow(
      /row 1: a row has 1 label and 50331648 pixels/,
    );
  });
});
