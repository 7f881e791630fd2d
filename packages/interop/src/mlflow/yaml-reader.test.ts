import { expect, it } from 'vitest';
import { parseYaml } from './yaml-reader.ts';

/** `yaml.safe_dump` of PyYAML 6 wrote these texts of these values. */
it.each([
  ['name: 1e3\n', { name: '1e3' }],
  ['name: 12:30:45.5x\n', { name: '12:30:45.5x' }],
  ["name: '12:30'\n", { name: '12:30' }],
  ["name: 'yes'\n", { name: 'yes' }],
  ['name: "l\\xE4uft \\U0001F680\\n"\n', { name: 'läuft 🚀\n' }],
  ["name: ' it''s: # here'\n", { name: " it's: # here" }],
  [
    'end_time: null\nlifecycle_stage: active\nstart_time: 1700000000123\n',
    { end_time: null, lifecycle_stage: 'active', start_time: 1_700_000_000_123 },
  ],
  ['x: 1.0e-05\ny: true\ntags: []\n', { x: 1e-5, y: true, tags: [] }],
  ["text: 'first line\n\n  second line'\n", { text: 'first line\nsecond line' }],
  ['tags:\n  a: 1\n  b: two\n', { tags: { a: 1, b: 'two' } }],
])('%j is read as PyYAML means it', (text, value) => {
  expect(parseYaml(text)).toEqual(value);
});

it.each([
  ['a: 1\na: 2\n', 'unique'],
  ['a: &x [1]\nb: *x\n', /alias/i],
  ["a: 'open\n", /quote/],
])('refuses %j', (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});
