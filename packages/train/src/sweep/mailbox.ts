/** Notes that come at any time, taken one after another. */
export class Mailbox<Note> {
  readonly #waiting: Note[] = [];
  #wake: (() => void) | undefined;

  put(note: Note): void {
    this.#waiting.push(note);
    this.#wake?.();
  }

  async next(): Promise<Note> {
    while (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    return this.#waiting.shift()!;
  }
}
