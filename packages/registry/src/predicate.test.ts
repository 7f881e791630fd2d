import { describe, expect, it } from 'vitest';
import { checkPredicate, findFacts } from './facts.ts';
import { parsePredicate, satisfies } from './predicate.ts';

function parsed(text: string) {
  const { path, comparison, bound } = parsePredicate(text);
  return { path: path.map((segment) => segment.text), comparison, bound };
}

describe('parsePredicate', () => {
  it.each([
    ['delta.accuracy.low > 0', ['delta', 'accuracy', 'low'], '>', 0],
    ['delta.accuracy.low>-0.002', ['delta', 'accuracy', 'low'], '>', -0.002],
    ['class.*.delta.recall.low >= -2e-2', ['class', '*', 'delta', 'recall', 'low'], '>=', -0.02],
    ['class."T-shirt/top".recall.low > .7', ['class', 'T-shirt/top', 'recall', 'low'], '>', 0.7],
    ['class["Ankle boot"].recall.low > 0.7', ['class', 'Ankle boot', 'recall', 'low'], '>', 0.7],
    ['class.T-shirt/top.recall.low > 0.7', ['class', 'T-shirt/top', 'recall', 'low'], '>', 0.7],
    ['class["a \\"quoted\\" 🥾"].recall.low > 0', ['class', 'a "quoted" 🥾', 'recall', 'low'], '>', 0],
    ['class.Hemd_ä.recall.low > 0', ['class', 'Hemd_ä', 'recall', 'low'], '>', 0],
    [' size.bytes < 8_000_000 ', ['size', 'bytes'], '<', 8_000_000],
    ['seeds = 3', ['seeds'], '==', 3],
    ['testSetUses != 3', ['testSetUses'], '!=', 3],
  ])('reads %s', (text, path, comparison, bound) => {
    expect(parsed(text)).toEqual({ path, comparison, bound });
  });

  it.each([
    ['', 0, 'the predicate ends'],
    ['> 3', 0, '">" stands'],
    ['delta..low > 0', 6, 'expected a name'],
    ['delta.accuracy.low', 18, 'expected a comparison'],
    ['delta.accuracy.low ~ 0', 19, 'expected a comparison'],
    ['delta.accuracy.low > zero', 21, 'expected a number'],
    ['delta.accuracy.low > 1e999', 21, 'expected a number'],
    ['size.bytes < 8MB', 14, 'nothing more'],
    ['class["Shirt.recall.low > 0', 6, 'does not end'],
    ['class["Shirt".recall.low > 0', 13, 'expected ]'],
    ['a > 1 and b > 2', 6, 'one predicate a line'],
  ])('points at what does not fit in %s', (text, position, message) => {
    expect(() => parsePredicate(text)).toThrow(
      expect.objectContaining({
        code: 'PREDICATE_INVALID',
        position,
        message: expect.stringContaining(message),
      }),
    );
  });

  it('compares, and NaN satisfies nothing but !=', () => {
    expect(satisfies(2, parsePredicate('seeds >= 2'))).toBe(true);
    expect(satisfies(2, parsePredicate('seeds > 2'))).toBe(false);
    expect(satisfies(2, parsePredicate('seeds <= 2'))).toBe(true);
    expect(satisfies(2, parsePredicate('seeds == 2'))).toBe(true);
    for (const comparison of ['<', '<=', '>', '>=', '==']) {
      expect(satisfies(Number.NaN, parsePredicate(`seeds ${comparison} 2`))).toBe(false);
    }
  });
});

describe('checkPredicate', () => {
  const check = (text: string) => () => checkPredicate(parsePredicate(text));

  it('knows every fact of the issue', () => {
    for (const text of [
      'delta.accuracy.low > 0',
      'class.*.delta.recall.low > -0.02',
      'class.Shirt.recall.low > 0.7',
    ]) {
      expect(check(text)).not.toThrow();
    }
    for (const text of [
      'ece.high < 0.05',
      'size.bytes < 8e6',
      'latency.p99 < 20',
      'seeds >= 3',
      'testSetUses <= 20',
    ]) {
      expect(check(text)).not.toThrow();
    }
  });

  it.each([
    ['delta.acuracy.low > 0', 6, 'Did you mean accuracy?'],
    ['ecc.high < 1', 0, 'Did you mean ece?'],
    ['accuracy > 0.9', 0, 'say which of it: value, low, high'],
    ['seeds.low > 1', 6, 'seeds is a number'],
    ['delta.*.low > 1', 6, 'stands for a class only'],
    ['constructor.name.length > 1', 0, 'there is no such fact'],
  ])('refuses %s', (text, position, message) => {
    expect(check(text)).toThrow(
      expect.objectContaining({ position, message: expect.stringContaining(message) }),
    );
  });

  it('names the nearest class', () => {
    const predicate = parsePredicate('class.Shrit.recall.low > 0.7');
    expect(() => findFacts(predicate, {}, [], ['Shirt', 'Trouser'])).toThrow(/Did you mean Shirt\?/);
  });
});
