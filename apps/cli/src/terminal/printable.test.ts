import { expect, it } from 'vitest';
import { formatTable } from './table.ts';
import { printable, printableLines } from './printable.ts';

it.each([
  ['a\nb', 'a\\nb'],
  ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
  ['\x9b31m', '\\x9b31m'],
  ['abc\u202edcba', 'abc\\u202edcba'],
  ['läuft "schnell" 🚀', 'läuft "schnell" 🚀'],
])('shows %j as %s', (text, shown) => expect(printable(text)).toBe(shown));

it('keeps the lines of notes', () => {
  expect(printableLines('one\n\ttwo\r\x1b[1m')).toBe('one\n\ttwo\\r\\x1b[1m');
});

it('tables keep a row on its line', () => {
  const table = formatTable([{ title: 'run' }, { title: 'n' }], [['a\nb\x1b[31m', '1']]);
  expect(table.split('\n')).toEqual(['run           n', '------------  -', 'a\\nb\\x1b[31m  1']);
});
