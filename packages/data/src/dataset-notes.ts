import type { Dataset } from './dataset.ts';
import { type ImageSet, imageSize } from './image-set.ts';

/** Doubles that slip in are fewer. */
const WORTH_SAYING = 0.01;

/** The pixels in fours where they can be had so: a quarter of the work. */
function wordsOf(set: ImageSet): Uint8Array | Uint32Array {
  const { buffer, byteOffset, length } = set.images;
  const whole = byteOffset % 4 === 0 && imageSize(set) % 4 === 0;
  return whole ? new Uint32Array(buffer, byteOffset, length / 4) : set.images;
}

/** A number for each image that equal images share, and others practically do not: two FNV-like hashes, 53 bits of them. */
function fingerprints(set: ImageSet): Float64Array {
  const words = wordsOf(set);
  const size = words.length / set.count;
  return Float64Array.from({ length: set.count }, (_, at) => {
    let [a, b] = [0x811c9dc5, 0x01000193];
    for (let i = at * size; i < (at + 1) * size; i++) {
      const word = words[i]!;
      a = Math.imul(a ^ word, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, 0x85ebca6b);
      b ^= b >>> 13;
    }
    return (a >>> 0) * 2 ** 21 + (b >>> 11);
  });
}

/** How many test images are training images too, bit by bit. */
export function countLeaked({ train, test }: Pick<Dataset, 'train' | 'test'>): number {
  const seen = new Set(fingerprints(train));
  return fingerprints(test).reduce((sum, print) => sum + Number(seen.has(print)), 0);
}

/** The trials of a sweep share their data. */
const said = new WeakMap<ImageSet, readonly string[]>();

/** What whoever uses a dataset should know about its test split, in sentences; mostly nothing. */
export function datasetNotes(dataset: Pick<Dataset, 'descriptor' | 'train' | 'test'>): readonly string[] {
  const known = said.get(dataset.test) ?? notesOf(dataset);
  said.set(dataset.test, known);
  return known;
}

function notesOf(dataset: Pick<Dataset, 'descriptor' | 'train' | 'test'>): string[] {
  const { descriptor, train, test } = dataset;
  const notes: string[] = [];
  if (descriptor.files.test === undefined)
    notes.push(
      `${descriptor.name} has no test files: ${test.count} of its ${train.count + test.count} images are set apart as the ` +
        'test split, the same share of every class, always the same ones',
    );
  const leaked = countLeaked(dataset);
  if (leaked > test.count * WORTH_SAYING)
    notes.push(
      `${leaked} of the ${test.count} test images are training images too: what a model scores on them says nothing about ` +
        'images it has not seen. Without "test" in the descriptor a share of the training images is set apart instead',
    );
  return notes;
}
