import { maskedCrc32c } from './crc32c.ts';
import { bytes, double, float, int, message } from './protobuf.ts';

/** Messages of tensorboard/compat/proto: event.proto, summary.proto, tensor.proto; field numbers from there. */

const DT_FLOAT = 1;
const DT_STRING = 7;

/** How TensorBoard's data loader treats the values of a tag (summary.proto, DataClass). */
const TENSOR_CLASS = 2;
const BLOB_CLASS = 3;

export interface When {
  readonly step: number;
  /** Epoch milliseconds. */
  readonly wallTime: number;
}

/** uint64 length, masked CRC of it, data, masked CRC of the data. */
export function tfRecord(data: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(16 + data.length);
  out.writeBigUInt64LE(BigInt(data.length));
  out.writeUInt32LE(maskedCrc32c(out.subarray(0, 8)), 8);
  out.set(data, 12);
  out.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return out;
}

/** The first record of every file. */
export function versionEvent(wallTime: number): Buffer {
  return Buffer.concat([double(1, wallTime / 1000), bytes(3, 'brain.Event:2')]);
}

function event({ step, wallTime }: When, ...values: readonly Buffer[]): Buffer {
  const summary = values.map((value) => message(1, value));
  return Buffer.concat([double(1, wallTime / 1000), int(2, step), message(5, ...summary)]);
}

function metadata(plugin: string, dataClass: number, content: Uint8Array = Buffer.alloc(0)): Buffer {
  const data = message(1, bytes(1, plugin), bytes(2, content));
  return message(9, data, int(4, dataClass));
}

function strings(values: readonly (string | Uint8Array)[], shape: Uint8Array): Buffer {
  return message(8, int(1, DT_STRING), shape, ...values.map((value) => bytes(8, value)));
}

/** `simple_value`, 32 bits: TensorBoard's default loader shows no doubles (version 2.21). */
export function scalarEvent(when: When, tag: string, value: number): Buffer {
  return event(when, Buffer.concat([bytes(1, tag), float(2, value)]));
}

/** Markdown. */
export function textEvent(when: When, tag: string, text: string): Buffer {
  const tensor = strings([text], message(2));
  return event(when, Buffer.concat([bytes(1, tag), metadata('text', TENSOR_CLASS), tensor]));
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export function imageEvent(when: When, tag: string, { width, height, png }: Picture): Buffer {
  const three = message(2, message(2, int(1, 3)));
  const tensor = strings([String(width), String(height), png], three);
  return event(when, Buffer.concat([bytes(1, tag), metadata('images', BLOB_CLASS), tensor]));
}

/** A message of the hparams plugin: it lives in the metadata, its tensor says nothing. */
export function hparamsEvent(when: When, tag: string, content: Uint8Array): Buffer {
  const zero = message(8, int(1, DT_FLOAT), message(2), bytes(5, Buffer.alloc(4)));
  return event(when, Buffer.concat([bytes(1, tag), metadata('hparams', TENSOR_CLASS, content), zero]));
}
