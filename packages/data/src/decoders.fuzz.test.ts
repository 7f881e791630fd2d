import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { idx, pixels, SHIRTS } from '../test/fixture.ts';
import { parseCsv } from './csv.ts';
import { DatasetDescriptor } from './descriptor.ts';
import { DataFormatError } from './errors.ts';
import { inflated } from './gzip.ts';
import { parseIdx } from './idx.ts';

/** A longer search: ATELIER_FUZZ_RUNS=100000. */
const options = { seed: 20_25, numRuns: Number(process.env['ATELIER_FUZZ_RUNS'] ?? 300) };

/** A good file with a few bytes changed, some cut out and some put in; or anything at all. */
function spoilt(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(good.length - 1);
  const change = fc.tuple(at, fc.nat(255));
  const damaged = fc
    .tuple(fc.array(change, { maxLength: 4 }), at, fc.nat(8), fc.uint8Array({ maxLength: 8 }))
    .map(([changes, from, cut, added]) => {
      const bytes = Uint8Array.from(good);
      for (const [place, value] of changes) bytes[place] = value;
      return Uint8Array.from([...bytes.subarray(0, from), ...added, ...bytes.subarray(from + cut)]);
    });
  return fc.oneof({ weight: 5, arbitrary: damaged }, fc.uint8Array({ maxLength: 200 }));
}

/** What a decoder may do with bad bytes: read them as something whole, or refuse them by name. */
function reads<T>(decode: () => T, check: (value: T) => void): void {
  let value: T;
  try {
    value = decode();
  } catch (error) {
    expect(error).toBeInstanceOf(DataFormatError);
    return;
  }
  check(value);
}

describe('whatever the bytes are', () => {
  it.each([
    ['images', idx([2, 4, 3], pixels(24))],
    ['labels', idx([9], pixels(9))],
  ] as const)('IDX %s are read whole or refused', (kind, good) => {
    fc.assert(
      fc.property(spoilt(good), (bytes) =>
        reads(
          () => parseIdx(bytes, 'file', kind),
          ({ shape, values }) => expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1)),
        ),
      ),
      options,
    );
  });

  it.each([
    ['plain', 'label,p1,p2\n3,0,255\n1,7,8\n'],
    ['quoted', '"a","p1","class"\r\n"1","0","shoe"\r\n"2","3","bag"\r\n'],
  ])('a %s table is read whole or refused', (_, good) => {
    const image = { height: 1, width: 2, channels: 1 } as const;
    const classes = ['bag', 'shoe', 'hat', 'cap'];
    fc.assert(
      fc.property(spoilt(Buffer.from(good)), (bytes) =>
        reads(
          () => parseCsv([['file', bytes]], { image, classes })[0]!,
          ({ images, labels, count }) => {
            expect([images.length, labels.length]).toEqual([2 * count, count]);
            expect(Math.max(...labels)).toBeLessThan(classes.length);
          },
        ),
      ),
      options,
    );
  });

  it('a gzip file is inflated or refused', async () => {
    const good = gzipSync(pixels(100));
    await fc.assert(
      fc.asyncProperty(spoilt(good), async (bytes) => {
        const error = await inflated(bytes, 'file').catch((thrown: unknown) => thrown);
        if (!(error instanceof Uint8Array)) expect(error).toBeInstanceOf(DataFormatError);
      }),
      options,
    );
  });

  it('a descriptor is parsed or refused, and names no path', () => {
    const keys = Object.keys(SHIRTS) as (keyof typeof SHIRTS)[];
    const word = fc.oneof(fc.string(), fc.constantFrom('..', '/x', '-o', 'a/b', '__proto__', 'constructor'));
    const value = fc.oneof(fc.anything(), word, fc.array(word), fc.dictionary(word, word));
    const files = fc.record({ train: fc.record({ images: word, labels: word }) });
    const changes = fc.dictionary(fc.oneof(fc.constantFrom(...keys, 'sha256', 'sources'), word), value);
    fc.assert(
      fc.property(changes, fc.option(files), (change, named) => {
        const input: unknown = { ...SHIRTS, ...change, ...(named === null ? {} : { files: named }) };
        const parsed = DatasetDescriptor.safeParse(input);
        if (!parsed.success) return;
        const { name, files: all } = parsed.data;
        const segments = [name, ...Object.values(all.train), ...Object.values(all.test ?? {})] as string[];
        for (const segment of segments) expect(segment).toMatch(/^[^./\\-][^/\\]*$/);
      }),
      options,
    );
  });
});
