import { canonicalJson } from '@atelier/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grid, gridSize } from './grid.ts';
import { SearchSpace } from './space.ts';

const space = (parameters: Record<string, unknown>, constraints: string[] = []): SearchSpace =>
  SearchSpace.parse({ parameters, constraints });
const ints = (low: number, high: number, more: object = {}): object => ({ kind: 'int', low, high, ...more });

describe('grid', () => {
  it('turns the last parameter fastest, by path, whatever the order in the file', () => {
    const cells = [...grid(space({ b: ints(1, 2), a: { kind: 'choice', values: ['y', 'x'] } }))];
    expect(cells).toEqual([
      { a: 'y', b: 1 },
      { a: 'y', b: 2 },
      { a: 'x', b: 1 },
      { a: 'x', b: 2 },
    ]);
  });

  it('has steps without the noise of binary fractions', () => {
    const s = space({ x: { kind: 'float', low: 0, high: 1, step: 0.1 } });
    expect([...grid(s)].map(({ x }) => x)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect([...grid(space({ x: ints(16, 70, { step: 16 }) }))].map(({ x }) => x)).toEqual([16, 32, 48, 64]);
  });

  it('leaves out inactive parameters and equal values', () => {
    const s = space({
      kind: { kind: 'choice', values: ['sgd', 'adam', 'sgd'] },
      momentum: { kind: 'choice', values: [0, 0.9, 0.9], when: { kind: 'sgd' } },
    });
    expect([...grid(s)]).toEqual([
      { kind: 'sgd', momentum: 0 },
      { kind: 'sgd', momentum: 0.9 },
      { kind: 'adam' },
    ]);
    expect(gridSize(s)).toBe(3);
  });

  it('respects constraints', () => {
    const s = space({ a: ints(0, 3), b: ints(0, 3) }, ['a + b == 3']);
    expect([...grid(s)]).toEqual([
      { a: 0, b: 3 },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
      { a: 3, b: 0 },
    ]);
    expect(gridSize(s)).toBe(4);
  });

  it('counts a million and a googol of cells without building them', () => {
    const digits = (n: number): Record<string, object> =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, ints(0, 9)]));
    expect(gridSize(space(digits(6)))).toBe(1_000_000);
    expect(gridSize(space(digits(100)))).toBeCloseTo(1e100, -87);
    expect(gridSize(space(digits(8), ['p0 < p1']))).toBe(45 * 1_000_000);
    expect(gridSize(space({ ...digits(6), extra: ints(0, 4, { when: { p0: 3 } }) }))).toBe(900_000 + 500_000);
    // too many combinations under constraints: an upper bound
    const sum = Array.from({ length: 8 }, (_, i) => `p${i}`).join(' + ');
    expect(gridSize(space(digits(8), [`${sum} < 1`]))).toBe(1e8);
    const first = grid(space(digits(100))).next();
    expect(first.value).toMatchObject({ p0: 0, p99: 0 });
  });

  it('is endless with a float without step', () => {
    const s = space({ x: { kind: 'float', low: 0, high: 1 } });
    expect(gridSize(s)).toBeUndefined();
    expect(() => grid(s).next()).toThrow('no end of values');
    expect(gridSize(space({ x: { kind: 'float', low: 1, high: 1 } }))).toBe(1);
  });

  it('has as many different cells as it counts', () => {
    const choice = fc.record({
      kind: fc.constant('choice'),
      values: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    });
    const int = fc.record({
      kind: fc.constant('int'),
      low: fc.constant(0),
      high: fc.integer({ min: 0, max: 3 }),
    });
    const parameter = fc.tuple(fc.oneof(choice, int), fc.option(fc.integer({ min: 0, max: 3 })));
    fc.assert(
      fc.property(fc.array(parameter, { minLength: 1, maxLength: 4 }), fc.boolean(), (list, constrained) => {
        const parameters = Object.fromEntries(
          list.map(([spec, wanted], i) => [
            `p${i}`,
            i > 0 && wanted !== null ? { ...spec, when: { [`p${i - 1}`]: wanted } } : spec,
          ]),
        );
        const s = space(parameters, constrained && list.length > 1 ? ['p0 <= p1'] : []);
        const cells = [...grid(s)].map(canonicalJson);
        expect(new Set(cells).size).toBe(cells.length);
        expect(gridSize(s)).toBe(cells.length);
      }),
    );
  });
});
