import fc from 'fast-check';
import { expect } from 'vitest';
import { decodeHalves } from '../../src/float16.ts';
import { isWholeLedger } from '../../src/ledger.ts';
import {
  decodePoints,
  decodeSpans,
  encodePoints,
  encodeSpans,
  spansOfPoints,
} from '../../src/store/blocks.ts';
import { decodeColumns, encodeColumns } from '../../src/store/columns.ts';
import { fromPayload } from '../../src/store/spill-file.ts';
import { attack, spoiled } from './attack.ts';

const numbers = (length: number): fc.Arbitrary<Float64Array> =>
  fc.oneof(
    fc.float64Array({ minLength: length, maxLength: length }),
    fc
      .tuple(fc.integer(), fc.integer({ min: -500, max: 500 }))
      .map(([first, slope]) => Float64Array.from({ length }, (_, at) => first + at * slope + (at % 3))),
    fc.double().map((value) => new Float64Array(length).fill(value)),
  );

const points = fc.integer({ min: 1, max: 60 }).chain((length) =>
  fc.record({
    step: numbers(length),
    seq: numbers(length),
    epoch: numbers(length),
    wallTime: numbers(length),
    value: numbers(length),
  }),
);

/** Nothing but a RangeError is thrown, and what comes back has the rows that a block may have. */
function isBounded(decode: () => readonly Float64Array[]): void {
  let columns: readonly Float64Array[];
  try {
    columns = decode();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return;
  }
  for (const column of columns) expect(column.length).toBeLessThanOrEqual(4096);
}

attack('columns of numbers', spoiled(points.map((of) => encodeColumns(Object.values(of)))), (blob) =>
  isBounded(() => decodeColumns(blob, 5)),
);

attack('columns of numbers come back as they were', points, (of) => {
  expect(decodeColumns(encodeColumns(Object.values(of)), 5)).toEqual(Object.values(of));
});

attack('blocks of points', spoiled(points.map(encodePoints)), (blob) =>
  isBounded(() => Object.values(decodePoints(blob))),
);

attack('blocks of summaries', spoiled(points.map((of) => encodeSpans(spansOfPoints(of, 16)))), (blob) =>
  isBounded(() => Object.values(decodeSpans(blob))),
);

attack('halves', fc.uint8Array({ maxLength: 300 }), (bytes) => {
  expect(decodeHalves(bytes).length).toBe(Math.floor(bytes.length / 2));
});

attack(
  'ledgers',
  fc.record({
    classes: fc.integer({ min: -2, max: 300 }),
    count: fc.integer({ min: -2, max: 20 }),
    predicted: fc.uint8Array({ maxLength: 20 }),
    probabilities: fc.uint8Array({ maxLength: 200 }),
  }),
  (row) => {
    if (!isWholeLedger(row)) return;
    expect(decodeHalves(row.probabilities).length).toBe(row.predicted.length * row.classes);
    expect(Math.max(0, ...row.predicted)).toBeLessThan(row.classes);
  },
);

const header = fc.record({
  kind: fc.constantFrom('points', 'summary', 'end', 'other'),
  names: fc.array(fc.string(), { maxLength: 3 }),
  runId: fc.integer(),
  firstSeq: fc.integer({ min: -1, max: 9 }),
  length: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant(2 ** 40)),
});

attack(
  'records of spill files',
  spoiled(
    fc
      .tuple(header, fc.float64Array({ maxLength: 15 }))
      .map(([head, rows]) =>
        Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), Buffer.from(rows.buffer)]),
      ),
  ),
  (payload) => {
    const record = fromPayload(Buffer.from(payload));
    if (record?.kind !== 'points') return;
    expect(record.batch.rows.length).toBe(record.batch.length * 5);
    for (let at = 0; at < record.batch.rows.length; at += 5) {
      expect(record.names[record.batch.rows[at]!]).toBeTypeOf('string');
    }
  },
);
