import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const BUFFER_BYTES = 1 << 20;

/** A file that is written from its beginning to its end through one buffer. */
export class OutputFile implements Disposable {
  /** Bytes written so far: where the next byte will stand. */
  position = 0;
  private readonly descriptor: number;
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private filled = 0;
  private open = true;

  constructor(path: string) {
    this.descriptor = openSync(path, 'wx');
  }

  text(text: string): void {
    // three bytes a UTF-16 unit is the most that UTF-8 takes
    if (text.length * 3 > BUFFER_BYTES) return this.bytes(Buffer.from(text));
    if (text.length * 3 > BUFFER_BYTES - this.filled) this.drain();
    const written = this.buffer.write(text, this.filled);
    this.filled += written;
    this.position += written;
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES - this.filled) this.drain();
    if (bytes.length > BUFFER_BYTES) this.write(bytes);
    else
      this.filled += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).copy(this.buffer, this.filled);
    this.position += bytes.length;
  }

  /** Stores everything durably and closes. */
  end(): void {
    this.drain();
    fsyncSync(this.descriptor);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  private drain(): void {
    this.write(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.descriptor, bytes, done);
  }
}
