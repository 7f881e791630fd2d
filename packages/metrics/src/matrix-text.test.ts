import { describe, expect, it } from 'vitest';
import { confusionMatrix, formatMatrix } from './index.ts';

const FASHION = 'T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot'.split(',');

describe('formatMatrix', () => {
  it('draws rows of true classes and columns of predicted ones', () => {
    expect(formatMatrix(confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 2), ['cat', 'dog'])).toBe(
      ['true \\ predicted cat dog', 'cat                1   1', 'dog                0   2', ''].join('\n'),
    );
  });

  it('keeps 10 classes of 10,000 samples within 110 columns and aligned', () => {
    const labels = Uint8Array.from({ length: 10_000 }, (_, i) => i % 10);
    const lines = formatMatrix(confusionMatrix(labels, labels, 10), FASHION)
      .trimEnd()
      .split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[0]!.length).toBeLessThanOrEqual(110);
    expect(lines[0]).toContain('Trouser');
    expect(lines[10]).toMatch(/^Ankle boot .* 1000$/);
  });

  it('numbers the columns where shortened names would be the same', () => {
    const names = FASHION.map((_, index) => `a long name that ends in ${index}`);
    const text = formatMatrix(confusionMatrix([0, 9], [0, 9], 10), names);
    expect(text.split('\n')[0]).toMatch(/ 0 +1 +2 .* 9$/);
    expect(text.split('\n')[10]).toMatch(/^9 a long/);
  });

  it('refuses the wrong number of names', () => {
    expect(() => formatMatrix(confusionMatrix([0], [0], 2), ['cat'])).toThrow('1 class names for 2 classes');
  });
});
