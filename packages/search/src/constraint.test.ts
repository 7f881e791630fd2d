import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConstraintError } from './errors.ts';
import { meets } from './space-meets.ts';
import { SearchSpace } from './space.ts';
import type { Parameters } from './trial.ts';

const parameters = {
  'a.x': { kind: 'float', low: -10, high: 10 },
  b: { kind: 'int', low: 0, high: 10 },
  mode: { kind: 'choice', values: ['sgd', 'adam', null] },
  flag: { kind: 'choice', values: [true, false] },
  mixed: { kind: 'choice', values: [1, 'two'] },
  sizes: { kind: 'choice', values: [[1, 2], [3]] },
  'dash-ed': { kind: 'int', low: 0, high: 3 },
  momentum: { kind: 'float', low: 0, high: 1, when: { mode: 'sgd' } },
};
const space = (...constraints: string[]): SearchSpace => SearchSpace.parse({ parameters, constraints });
const point: Parameters = { 'a.x': 2, b: 3, mode: 'adam', flag: true, mixed: 1, sizes: [3], 'dash-ed': 1 };

describe('constraints', () => {
  it.each([
    ['a.x * b <= 6', true],
    ['a.x * b < 6', false],
    ['1 + 2 * b == 7', true],
    ['(1 + 2) * b == 7', false],
    ['10 - b - 2 == 5', true],
    ['12 / b / 2 == 2', true],
    ['-a.x < -1', true],
    ['--b == 3', true],
    ['b >= 3 and a.x > 5', false],
    ['b >= 3 or a.x > 5 and flag', true],
    ['not b > 3', true],
    ['not flag or b == 3', true],
    ['!(flag && b > 3)', true],
    ['flag || b > 100', true],
    ['mode == "adam"', true],
    ["mode != 'sgd'", true],
    ['mode == null', false],
    ['`dash-ed` + 1 == 2', true],
    ['b == 3e0 and b > .5', true],
    ['b / 0 > 1e300', true],
    // momentum is inactive: only what does not hang on it counts
    ['momentum > 0.5', true],
    ['momentum > 0.5 and b > 5', false],
    ['momentum > 0.5 or b > 5', true],
    ['not momentum > 0.5', true],
  ])('%s', (text, expected) => {
    expect(meets(space(text), point)).toBe(expected);
  });

  it('asks for all of several', () => {
    expect(meets(space('b == 3', 'a.x == 2'), point)).toBe(true);
    expect(meets(space('b == 3', 'a.x == 1'), point)).toBe(false);
  });

  it.each([
    ['a.x <= ', 8, 'ends where a value should follow'],
    ['a.x = 1', 5, 'equality is "=="'],
    ['(a.x < 1', 9, 'bracket of column 1 is not closed'],
    ['a.x < 1)', 8, 'not expected'],
    ['1 < b < 3', 7, 'do not chain'],
    ['a.y < 1', 1, 'Did you mean "a.x"?'],
    ['b < mode', 5, 'wants a number'],
    ['mixed + 1 > 2', 1, 'this may be a string'],
    ['b', 1, 'a constraint is a boolean'],
    ['b + 1', 3, 'a constraint is a boolean'],
    ['b and flag', 1, '"and" wants a boolean'],
    ['mode == 3', 6, 'never equals'],
    ['1 < 2', 3, 'names no parameter'],
    ['b > 3 ; process.exit()', 7, 'no part of a constraint'],
    ['b > 1.2.3', 5, 'is no number'],
    ['b > 3x', 5, 'is no number'],
    ['mode == "adam', 9, 'not closed'],
    ['b > 3 flag', 7, 'not expected'],
    ['', 1, 'ends where'],
    [`${'('.repeat(300)}b > 1${')'.repeat(300)}`, 202, 'nested more than'],
  ])('refuses %s with its column', (text, column, problem) => {
    const asked = { ...space(), constraints: [text] };
    expect(() => meets(asked, point)).toThrow(problem);
    expect(() => meets(asked, point)).toThrow(
      expect.objectContaining({ code: 'SPACE_INVALID', column, usage: true }),
    );
  });

  it('calls nothing and reads nothing but parameters, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.x<>=!()+-*/ 01"&|not ') }), (text) => {
        try {
          meets({ ...space(), constraints: [text] }, point);
        } catch (error) {
          expect(error).toBeInstanceOf(ConstraintError);
        }
      }),
      { numRuns: 500 },
    );
    expect(() => meets({ ...space(), constraints: ['constructor == 1'] }, point)).toThrow(
      'no parameter "constructor"',
    );
  });

  it('computes as JavaScript does', () => {
    const number = fc.integer({ min: -9, max: 9 });
    const expression: fc.Memo<string> = fc.memo((n) =>
      n <= 1
        ? number.map((x) => (x < 0 ? `(${x})` : String(x)))
        : fc
            .tuple(expression(), fc.constantFrom('+', '-', '*'), expression())
            .map(([a, o, b]) => `(${a} ${o} ${b})`),
    );
    fc.assert(
      fc.property(expression(4), (text) => {
        const value = Number(new Function(`return ${text}`)());
        expect(meets(space(`b - b + ${text} == ${value < 0 ? `(${value})` : value}`), point)).toBe(true);
      }),
    );
  });
});
