import { describe, expect, it } from 'vitest';
import { isActive } from './space-activity.ts';
import { checkSpace } from './space-check.ts';
import { ParameterSpec, SearchSpace } from './space.ts';

const space = (parameters: Record<string, unknown>, constraints: string[] = []): SearchSpace =>
  SearchSpace.parse({ parameters, constraints });
const float = (low: number, high: number, more: object = {}): object => ({
  kind: 'float',
  low,
  high,
  ...more,
});
const int = (low: number, high: number, more: object = {}): object => ({ kind: 'int', low, high, ...more });

describe('checkSpace', () => {
  it('passes a sound space', () => {
    const sound = space(
      {
        kind: { kind: 'choice', values: ['sgd', 'adam'] },
        momentum: float(0, 0.99, { when: { kind: ['sgd'] } }),
        nesterov: { kind: 'choice', values: [true, false], when: { kind: 'sgd' } },
        rate: float(1e-5, 1, { log: true }),
        batch: int(16, 256, { step: 16 }),
        one: int(3, 3),
      },
      ['rate * batch <= 16'],
    );
    expect(() => checkSpace(sound)).not.toThrow();
  });

  it.each([
    ['no parameters', space({}), 'no parameters'],
    ['an empty range', space({ x: float(2, 1) }), 'low end is above'],
    ['an empty range of ints', space({ x: int(2, 1) }), 'low end is above'],
    ['a log range through zero', space({ x: float(-1, 1, { log: true }) }), 'reaches through zero'],
    ['a log range from zero', space({ x: int(0, 8, { log: true }) }), 'above zero'],
    ['a log range below zero', space({ x: float(-2, -1, { log: true }) }), 'is below it'],
    ['a log range with a step', space({ x: float(1, 2, { log: true, step: 0.1 }) }), 'takes no step'],
    ['log ints with a step', space({ x: int(1, 9, { log: true, step: 2 }) }), 'takes no step'],
    ['a range too wide', space({ x: float(-1.7e308, 1.7e308) }), 'wider'],
    ['a parameter inside another', space({ a: int(0, 1), 'a.b': int(0, 1) }), 'lies inside "a"'],
    [
      'an unknown parent',
      space({ kind: int(0, 1), x: int(0, 1, { when: { kinb: 1 } }) }),
      'Did you mean "kind"?',
    ],
    [
      'a value the parent never has',
      space({ k: { kind: 'choice', values: ['sgd', 'adam'] }, x: int(0, 1, { when: { k: 'sdg' } }) }),
      'Did you mean ""sgd""?',
    ],
    [
      'a circle',
      space({ a: int(0, 1, { when: { b: 1 } }), b: int(0, 1, { when: { a: 1 } }) }),
      'a -> b -> a',
    ],
    ['itself as parent', space({ a: int(0, 1, { when: { a: 1 } }) }), 'a -> a'],
    ['a constraint on nothing', space({ a: int(0, 1) }, ['aa > 0']), 'Did you mean "a"?'],
    [
      'a constraint that no cell meets',
      space({ a: int(0, 10) }, ['a > 10']),
      'no point of the space meets the constraint',
    ],
    [
      'a constraint that no point meets',
      space({ a: float(0, 1) }, ['a > 2', 'a < 3']),
      'none of 10000 random points',
    ],
  ])('refuses %s', (_, bad, problem) => {
    expect(() => checkSpace(bad)).toThrow(problem);
    expect(() => checkSpace(bad)).toThrow(expect.objectContaining({ code: 'SPACE_INVALID', usage: true }));
  });
});

describe('the schema', () => {
  it('names the nearest kind and field', () => {
    expect(() => ParameterSpec.parse({ kind: 'flaot', low: 0, high: 1 })).toThrow(
      /no parameter of kind \\"flaot\\"\. Did you mean \\"float\\"/,
    );
    expect(() => ParameterSpec.parse({ low: 0, high: 1 })).toThrow('needs a \\"kind\\"');
    expect(() => ParameterSpec.parse({ kind: 'float', lov: 0, high: 1 })).toThrow(
      /unknown field \\"lov\\"\. Did you mean \\"low\\"/,
    );
    expect(() => SearchSpace.parse({ parameter: {} })).toThrow(/Did you mean \\"parameters\\"/);
  });
});

describe('isActive', () => {
  const nested = space({
    a: { kind: 'choice', values: ['x', 'y'] },
    b: { kind: 'choice', values: [[1, 2], [3]], when: { a: 'x' } },
    c: int(0, 1, { when: { b: [1, 2] } }),
    d: int(0, 1, { when: { a: ['x', 'y'] } }),
  });
  it('follows the chain of conditions', () => {
    expect(isActive(nested, 'b', { a: 'x' })).toBe(true);
    expect(isActive(nested, 'b', { a: 'y' })).toBe(false);
    expect(isActive(nested, 'd', { a: 'y' })).toBe(true);
    expect(isActive(nested, 'c', { a: 'x', b: [1, 2] })).toBe(true);
    expect(isActive(nested, 'c', { a: 'x', b: [3] })).toBe(false);
    expect(isActive(nested, 'c', { a: 'y', b: [1, 2] })).toBe(false);
    expect(() => isActive(nested, 'e', {})).toThrow('no parameter "e"');
  });
});
