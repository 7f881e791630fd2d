import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { pixels } from '../test/fixture.ts';
import { inverted, resized, withChannels } from './picture-size.ts';
import { encodePng } from './png.ts';
import { readPng } from './png-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-png-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

describe('PNG files', () => {
  it.each([1, 3] as const)('of %i channels are read as they were written', async (channels) => {
    const picture = { width: 5, height: 4, channels, pixels: pixels(20 * channels) };
    expect(await readPng(file('a.png', encodePng(picture)))).toEqual(picture);
  });

  it('are refused where they are none, damaged, too large, too deep or transparent', async () => {
    const good = Buffer.from(encodePng({ width: 5, height: 4, channels: 1, pixels: pixels(20) }));
    const changed = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    const clear = new PNG({ width: 1, height: 1 });
    const wrong: [Uint8Array, string][] = [
      [Buffer.from('GIF89a'), 'expected a PNG file'],
      [good.subarray(0, 45), 'damaged'],
      [changed(17, 255), 'expected at most 16777216 pixels'],
      [changed(24, 16), 'expected 8 bits a channel, got 16'],
      [PNG.sync.write(clear), 'has transparent pixels'],
    ];
    for (const [bytes, problem] of wrong)
      await expect(readPng(file('b.png', bytes))).rejects.toThrow(problem);
  });
});

describe('pictures', () => {
  const picture = {
    width: 4,
    height: 2,
    channels: 1 as const,
    pixels: Uint8Array.of(0, 2, 4, 6, 8, 10, 12, 14),
  };

  it('are resized to the mean of the area that a pixel covers', () => {
    expect([...resized(picture, { width: 2, height: 1 }).pixels]).toEqual([5, 9]);
    expect(resized(picture, picture)).toEqual(picture);
    // thirds: 4/3 source pixels each: (0 + 2/3) / (4/3), (2 * 2/3 + 4 * 2/3) / (4/3), ...
    const thirds = resized(
      { ...picture, height: 1, pixels: Uint8Array.of(0, 40, 80, 120) },
      { width: 3, height: 1 },
    );
    expect([...thirds.pixels]).toEqual([10, 60, 110]);
  });

  it('turn grey by luma, RGB by repetition, and dark for light', () => {
    const red = { width: 1, height: 1, channels: 3 as const, pixels: Uint8Array.of(255, 0, 0) };
    expect([...withChannels(red, 1).pixels]).toEqual([76]);
    expect([...withChannels({ ...red, channels: 1, pixels: Uint8Array.of(9) }, 3).pixels]).toEqual([9, 9, 9]);
    expect([...inverted(red).pixels]).toEqual([0, 255, 255]);
  });
});
