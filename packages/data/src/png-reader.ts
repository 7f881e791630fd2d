import { readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { ImageError } from './errors.ts';
import type { Picture } from './png.ts';

/** A file says its size before its pixels: one that claims more is not unpacked. */
const MOST_PIXELS = 2 ** 24;
const SIGNATURE = '89504e470d0a1a0a';
/** Bytes up to the end of the fields of IHDR. */
const HEAD = 26;

function checkHead(path: string, bytes: Buffer): void {
  if (bytes.length < HEAD || bytes.toString('hex', 0, 8) !== SIGNATURE)
    throw new ImageError(path, 'expected a PNG file');
  const [width, height, depth] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24]!];
  if (depth > 8) throw new ImageError(path, `expected 8 bits a channel, got ${depth}`);
  if (width * height > MOST_PIXELS)
    throw new ImageError(path, `expected at most ${MOST_PIXELS} pixels, got ${width} x ${height}`);
}

/**
 * The picture in a PNG file of 8 bits a channel: grey where all its pixels are, else RGB.
 * @throws ImageError for what is no such file, is damaged, is larger than 16 million pixels, or has transparent pixels
 */
export async function readPng(path: string): Promise<Picture> {
  const bytes = await readFile(path);
  checkHead(path, bytes);
  let png: PNG;
  try {
    png = PNG.sync.read(bytes);
  } catch (cause) {
    throw new ImageError(path, `damaged: ${(cause as Error).message}`, { cause });
  }
  const { width, height, data } = png;
  const rgb = new Uint8Array(width * height * 3);
  let isGrey = true;
  for (let i = 0; i < width * height; i++) {
    if (data[4 * i + 3] !== 255)
      throw new ImageError(path, 'has transparent pixels: put it on a background first');
    rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    isGrey &&= rgb[3 * i] === rgb[3 * i + 1] && rgb[3 * i] === rgb[3 * i + 2];
  }
  if (!isGrey) return { width, height, channels: 3, pixels: rgb };
  return { width, height, channels: 1, pixels: rgb.filter((_, i) => i % 3 === 0) };
}
