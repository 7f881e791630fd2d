import { afterAll, describe, expect, it } from 'vitest';
import { makeQueryHome } from '../../test/query-home.ts';

const { tracker, close } = makeQueryHome();
afterAll(close);

describe('completion', () => {
  const options = (text: string, cursor?: number) =>
    tracker.complete(text, cursor).options.map((option) => option.text);

  it.each([
    ['', 'val/accuracy'],
    ['opt', 'optimizer.learningRate'],
    ['seed = 1 and val', 'val/loss'],
    ['not st', 'status'],
    ['val/accuracy ', '>='],
    ['val/accuracy > 0.5 ', 'and'],
    ['status = ', '"FINISHED"'],
    ['status = "FA', '"FAILED"'],
    ['tag = ', '"baseline"'],
    ['optimizer.kind in (', '"adam"'],
    ['seed = ', '3'],
    ['min(', 'val/loss'],
    ['cm["Shirt",', '"Coat"'],
    ['created > ', '-7d'],
    ['', '`a b`'],
  ])('after %j offers %s', (text, expected) => {
    expect(options(text)).toContain(expected);
  });

  it('says what it takes the place of, also in the middle', () => {
    expect(tracker.complete('seed = 1 and val/ac > 1', 19)).toMatchObject({ from: 13, to: 19 });
  });

  it('never throws', () => {
    const text = 'val/accuracy > "x and (cm["a", min( # ~ not in (1,';
    for (let at = 0; at <= text.length; at++) expect(() => tracker.complete(text, at)).not.toThrow();
  });
});
