import type { ParameterValue } from './trial.ts';

/** A list of values that cannot be read. */
export class FlowError extends Error {}

const NULLS = new Set(['null', 'Null', 'NULL', '~']);
const TRUES = new Set(['true', 'True', 'TRUE']);
const FALSES = new Set(['false', 'False', 'FALSE']);
// the decimal numbers of YAML 1.2's core schema
const NUMBER = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/**
 * The items of a list without its brackets, in YAML's flow style and core schema: `1, true, null, plain words, "quoted", 'quoted',
 * [1, 2], {a: 1}`.
 * @throws FlowError
 */
export function flowItems(text: string): ParameterValue[] {
  const reader = new FlowReader(text);
  const items = reader.items(undefined);
  if (items.length === 0) throw new FlowError('there is no value');
  return items;
}

function scalar(word: string): ParameterValue {
  if (NULLS.has(word)) return null;
  if (TRUES.has(word)) return true;
  if (FALSES.has(word)) return false;
  return NUMBER.test(word) ? Number(word) : word;
}

class FlowReader {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  /** Values up to `close` (or the end), which is consumed. */
  items(close: string | undefined): ParameterValue[] {
    const items: ParameterValue[] = [];
    if (this.#ends(close)) return items;
    for (;;) {
      items.push(this.#value(close));
      if (this.#ends(close)) return items;
      this.#comma(close);
    }
  }

  #fields(): ParameterValue {
    const fields: [string, ParameterValue][] = [];
    if (this.#ends('}')) return {};
    for (;;) {
      const key = this.#value(':');
      if (this.#next() !== ':')
        throw new FlowError(`"${this.#text}": a ":" should follow the key ${String(key)}`);
      this.#at++;
      fields.push([String(key), this.#value('}')]);
      // entries, so that a key such as __proto__ is a key like any other
      if (this.#ends('}')) return Object.fromEntries(fields);
      this.#comma('}');
    }
  }

  #value(close: string | undefined): ParameterValue {
    const first = this.#next();
    if (first === '[' || first === '{') {
      this.#at++;
      return first === '[' ? this.items(']') : this.#fields();
    }
    if (first === '"' || first === "'") return this.#quoted(first);
    const stops = close === undefined ? ',' : `,${close}[]{}`;
    const start = this.#at;
    while (this.#at < this.#text.length && !stops.includes(this.#text[this.#at]!)) this.#at++;
    const word = this.#text.slice(start, this.#at).trim();
    if (word === '') throw new FlowError(`"${this.#text}" has an empty item; an empty text is ""`);
    return scalar(word);
  }

  #quoted(quote: string): string {
    const pattern = quote === '"' ? /"(?:[^"\\]|\\.)*"/y : /'(?:[^']|'')*'/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new FlowError(`"${this.#text}": a quote is not closed`);
    this.#at += found.length;
    if (quote === "'") return found.slice(1, -1).replaceAll("''", "'");
    try {
      return JSON.parse(found) as string;
    } catch {
      throw new FlowError(`${found} is no quoted text`);
    }
  }

  #ends(close: string | undefined): boolean {
    const next = this.#next();
    if (next === undefined && close !== undefined)
      throw new FlowError(`"${this.#text}": a "${close}" is missing`);
    if (next !== close) return false;
    this.#at++;
    return true;
  }

  #comma(close: string | undefined): void {
    if (this.#next() !== ',') {
      throw new FlowError(
        `"${this.#text}": a comma${close === undefined ? '' : ` or "${close}"`} should follow each item`,
      );
    }
    this.#at++;
  }

  #next(): string | undefined {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
    return this.#text[this.#at];
  }
}
