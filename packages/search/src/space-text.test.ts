import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterSpec } from './space.ts';
import { parseParameter } from './space-text.ts';

describe('parseParameter', () => {
  it.each([
    ['0.0003,0.001,0.003', { kind: 'choice', values: [0.0003, 0.001, 0.003] }],
    ['relu, gelu', { kind: 'choice', values: ['relu', 'gelu'] }],
    ['adam', { kind: 'choice', values: ['adam'] }],
    ['true,false,null', { kind: 'choice', values: [true, false, null] }],
    ["\"1\",'it''s',a b", { kind: 'choice', values: ['1', "it's", 'a b'] }],
    [
      '[32, 64],[64,128]',
      {
        kind: 'choice',
        values: [
          [32, 64],
          [64, 128],
        ],
      },
    ],
    ['{kind: cosine, warmup: 2},null', { kind: 'choice', values: [{ kind: 'cosine', warmup: 2 }, null] }],
    ['1e-3,-2', { kind: 'choice', values: [0.001, -2] }],
    ['0.2..0.5', { kind: 'float', low: 0.2, high: 0.5, log: false }],
    ['1..5', { kind: 'float', low: 1, high: 5, log: false }],
    ['1..5:1', { kind: 'int', low: 1, high: 5, step: 1, log: false }],
    ['1..5.0', { kind: 'float', low: 1, high: 5, log: false }],
    ['16..128:16', { kind: 'int', low: 16, high: 128, step: 16, log: false }],
    ['0..1:0.1', { kind: 'float', low: 0, high: 1, step: 0.1, log: false }],
    ['log:1e-4..1e-2', { kind: 'float', low: 1e-4, high: 1e-2, log: true }],
    ['log:16..512', { kind: 'float', low: 16, high: 512, log: true }],
    ['-3 .. 3', { kind: 'float', low: -3, high: 3, log: false }],
    ['"0..1"', { kind: 'choice', values: ['0..1'] }],
  ])('reads %s', (text, expected) => {
    expect(parseParameter('p', text)).toEqual(expected);
    expect(ParameterSpec.parse(parseParameter('p', text))).toEqual(expected);
  });

  it.each([
    ['', 'there is no value'],
    ['   ', 'there is no value'],
    ['0.5..0.2', 'the range is empty: 0.5 is above 0.2'],
    ['0.2..', 'is no range'],
    ['1..2..3', 'is no range'],
    ['1..5:0', 'a step is above zero'],
    ['1..5:-1', 'a step is above zero'],
    ['log:0..1', 'above zero'],
    ['log:-1..1', 'above zero'],
    ['log:1..10:2', 'takes no step'],
    ['log:a..b', 'wants two numbers'],
    ['log:', 'wants two numbers'],
    ['a,,b', 'empty item'],
    ['a,', 'empty item'],
    ['[1,2', 'missing'],
    ['"open', 'not closed'],
    ['"a" b', 'a comma'],
    ['1e999..1e1000', 'too large'],
  ])('refuses %j, naming the parameter', (text, problem) => {
    expect(() => parseParameter('model.dropout', text)).toThrow(problem);
    expect(() => parseParameter('model.dropout', text)).toThrow('model.dropout');
    expect(() => parseParameter('model.dropout', text)).toThrow(
      expect.objectContaining({ code: 'SPACE_INVALID', usage: true }),
    );
  });

  it.each([
    ['1..3', 'real', { kind: 'float', low: 1, high: 3, log: false }],
    ['1..3:1', 'real', { kind: 'float', low: 1, high: 3, step: 1, log: false }],
    ['1..3', 'whole', { kind: 'int', low: 1, high: 3, step: 1, log: false }],
    ['log:16..512', 'whole', { kind: 'int', low: 16, high: 512, step: 1, log: true }],
    ['16..128:16', 'whole', { kind: 'int', low: 16, high: 128, step: 16, log: false }],
  ] as const)('reads %s as the setting takes it: %s', (text, numbers, expected) => {
    expect(parseParameter('p', text, numbers)).toEqual(expected);
  });

  it.each(['16..64.0', '0.5..3', '1..5:0.5', 'log:1e0..8'])('refuses %s of whole numbers', (text) => {
    expect(() => parseParameter('batchSize', text, 'whole')).toThrow(
      `"batchSize=${text}": it takes whole numbers`,
    );
  });

  it('reads back any JSON list, and never throws anything but its own error', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 5 }), (values) => {
        const same = JSON.parse(JSON.stringify(values)) as unknown[];
        expect(parseParameter('p', JSON.stringify(same).slice(1, -1))).toEqual({
          kind: 'choice',
          values: same,
        });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          ParameterSpec.parse(parseParameter('p', text));
        } catch (error) {
          expect(error).toMatchObject({ code: 'SPACE_INVALID' });
        }
      }),
    );
  });
});
