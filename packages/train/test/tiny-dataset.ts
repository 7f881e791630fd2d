import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream } from '@atelier/data';

/** Images of 8x8 pixels in 3 classes: a bright band at the top, in the middle, or at the bottom, in noise. */
export const SIDE = 8;
export const CLASSES = ['top', 'middle', 'bottom'];

interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** `count` images, the classes in turn. */
export function drawImages(count: number, seed: number): Images {
  const random = randomStream(seed, 'tiny');
  const pixels = new Uint8Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES.length);
  labels.forEach((label, i) => {
    for (let p = 0; p < SIDE * SIDE; p++) {
      const row = Math.floor(p / SIDE);
      const bright = row >= label * 3 && row < label * 3 + 2;
      pixels[i * SIDE * SIDE + p] = random.below(100) + (bright ? 120 : 0);
    }
  });
  return { pixels, labels };
}

function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Buffer.concat([new Uint8Array(header.buffer), values]);
}

/** Writes a descriptor and, under `home`, the files it names. Returns the descriptor's path. */
export async function writeTinyDataset(home: string, trainCount = 240): Promise<string> {
  const folder = join(home, 'datasets', 'tiny');
  await mkdir(folder, { recursive: true });
  for (const [part, count, seed] of [
    ['train', trainCount, 1],
    ['test', 30, 2],
  ] as const) {
    const { pixels, labels } = drawImages(count, seed);
    await writeFile(join(folder, `${part}-images`), idx([count, SIDE, SIDE], pixels));
    await writeFile(join(folder, `${part}-labels`), idx([count], labels));
  }
  const files = (part: string) => ({ images: `${part}-images`, labels: `${part}-labels` });
  const descriptor = {
    name: 'tiny',
    title: 'Tiny bands',
    format: 'idx',
    classes: CLASSES,
    image: { height: SIDE, width: SIDE, channels: 1 },
    files: { train: files('train'), test: files('test') },
  };
  const path = join(home, 'tiny.json');
  await writeFile(path, JSON.stringify(descriptor));
  return path;
}
