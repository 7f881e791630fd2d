import { DataFormatError } from './errors.ts';

/** An array of bytes as the IDX format (LeCun, "The MNIST database") holds it. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  0x08: 'unsigned bytes',
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
};

/** What the first bytes of a file say it is, in words; for error messages. */
export function describeMagic(bytes: Uint8Array): string {
  if (bytes.length < 4) return `a file of ${bytes.length} bytes`;
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const [a, b, type, dimensions] = bytes as unknown as [number, number, number, number];
  if (a !== 0 || b !== 0 || !(type in ELEMENT_TYPES)) return `not IDX (it begins with 0x${magic})`;
  const meaning = dimensions === 1 ? 'labels' : dimensions === 3 || dimensions === 4 ? 'images' : 'an array';
  return `IDX ${meaning} (0x${magic}: ${dimensions} dimensions of ${ELEMENT_TYPES[type]})`;
}

/**
 * Reads IDX bytes: two zeros, the element type, the number of dimensions, each dimension as a big-endian uint32,
 * then the values.
 * @param kind what the file should hold: labels have 1 dimension, images 3 (grey) or 4 (with channels).
 * @throws DataFormatError for a wrong magic number, a truncated file or trailing bytes.
 */
export function parseIdx(bytes: Uint8Array, file: string, kind: 'images' | 'labels'): IdxArray {
  const dimensions = bytes[3] ?? 0;
  const allowed = kind === 'labels' ? [1] : [3, 4];
  const magicFits =
    bytes[0] === 0 && bytes[1] === 0 && bytes[2] === UNSIGNED_BYTE && allowed.includes(dimensions);
  if (bytes.length < 4 || !magicFits) {
    const expected = kind === 'labels' ? '0x00000801' : '0x00000803 or 0x00000804';
    throw new DataFormatError(
      file,
      `wrong magic number: expected ${kind} (${expected}), got ${describeMagic(bytes)}`,
    );
  }
  const headerLength = 4 + 4 * dimensions;
  if (bytes.length < headerLength)
    throw new DataFormatError(file, `truncated: the header ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const wanted = headerLength + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== wanted) {
    const word = bytes.length < wanted ? 'truncated' : 'too long';
    throw new DataFormatError(
      file,
      `${word}: its header says ${shape.join(' x ')}, which is ${wanted} bytes, but it has ${bytes.length}`,
    );
  }
  return { shape, values: bytes.subarray(headerLength) };
}
