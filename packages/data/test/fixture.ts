import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** For tests: bytes of an IDX file. */
export function idx(shape: readonly number[], values: Uint8Array, type = 8): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, values]);
}

/** For tests: pixels that say where they are. */
export function pixels(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);
}

export const SHIRTS = {
  name: 'shirts',
  title: 'Shirts',
  format: 'idx',
  classes: ['plain', 'striped'],
  image: { height: 4, width: 3, channels: 1 },
  files: {
    train: { images: 'train-images', labels: 'train-labels' },
    test: { images: 'test-images', labels: 'test-labels' },
  },
} as const;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'atelier-data-'));
}

function alternating(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i % 2);
}

/** For tests: a folder with 20 training and 6 test images of 4 x 3, and a descriptor. Half the files are gzipped. */
export function shirtsFolder(
  change: { readonly files?: Readonly<Record<string, Uint8Array>>; readonly descriptor?: object } = {},
): { folder: string; descriptor: string } {
  const folder = temporaryFolder();
  const files: Record<string, Uint8Array> = {
    'train-images.gz': gzipSync(idx([20, 4, 3], pixels(240))),
    'train-labels': idx([20], alternating(20)),
    'test-images': idx([6, 4, 3], pixels(72)),
    'test-labels.gz': gzipSync(idx([6], alternating(6))),
    ...change.files,
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const descriptor = join(folder, 'descriptor.json');
  writeFileSync(descriptor, JSON.stringify({ ...SHIRTS, ...change.descriptor }));
  return { folder, descriptor };
}
