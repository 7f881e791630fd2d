import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { contactSheet } from './contact-sheet.ts';
import { pixels } from '../test/fixture.ts';
import { encodePng } from './png.ts';

it.each([1, 3] as const)('writes PNG files of %i channels that another library reads', (channels) => {
  const picture = { width: 5, height: 4, channels, pixels: pixels(20 * channels) };
  const read = PNG.sync.read(Buffer.from(encodePng(picture)));
  expect([read.width, read.height]).toEqual([5, 4]);
  for (let i = 0; i < 20; i++) {
    const expected =
      channels === 1
        ? [picture.pixels[i], picture.pixels[i], picture.pixels[i]]
        : [...picture.pixels.subarray(3 * i, 3 * i + 3)];
    expect([...read.data.subarray(4 * i, 4 * i + 3)]).toEqual(expected);
  }
});

it('puts images in rows, enlarged, with a gap between', () => {
  const set = {
    images: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: new Uint8Array(3),
    count: 3,
    height: 1,
    width: 2,
    channels: 1 as const,
  };
  const sheet = contactSheet(set, [2, 0, 1], { columns: 2, scale: 2, gap: 1 });
  expect([sheet.width, sheet.height]).toEqual([11, 7]);
  const row = (y: number) => [...sheet.pixels.subarray(y * 11, (y + 1) * 11)];
  expect(row(1)).toEqual([128, 5, 5, 6, 6, 128, 1, 1, 2, 2, 128]);
  expect(row(2)).toEqual(row(1));
  expect(row(4)).toEqual([128, 3, 3, 4, 4, 128, 128, 128, 128, 128, 128]);
});
