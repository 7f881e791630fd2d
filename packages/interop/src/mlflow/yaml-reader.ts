/**
 * The YAML that MLflow's `meta.yaml` files are written in: mappings of texts, numbers and nulls, one level deep or two,
 * as PyYAML's safe_dump gives them (plain, single- and double-quoted scalars, folded over lines). No other YAML.
 */
export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

const KEY = /^( *)(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)"|([^\s'"#[{?-][^:]*?|-[^\s:][^:]*?)) ?:(?: +(.*))?$/;

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs,
    (_, two?: string, four?: string, eight?: string, one = '') => {
      const code = two ?? four ?? eight;
      return code === undefined ? (ESCAPES[one] ?? one) : String.fromCodePoint(parseInt(code, 16));
    },
  );
}

/** Lines of one quoted text: each is looked through again for the closing quote. */
const MOST_LINES = 5000;

/** Line folding: a line break is a blank, an empty line a line break. Takes time by the text's length, whatever it is. */
function fold(text: string): string {
  const lines = text.split('\n');
  if (lines.length === 1) return text;
  const inner = lines.map((line, at) => {
    const left = at === 0 ? line : line.trimStart();
    return at === lines.length - 1 ? left : left.trimEnd();
  });
  let folded = inner[0]!;
  let breaks = 0;
  for (const [at, line] of inner.slice(1).entries()) {
    if (line === '' && at < inner.length - 2) breaks++;
    else {
      folded += (breaks === 0 ? ' ' : '\n'.repeat(breaks)) + line;
      breaks = 0;
    }
  }
  return folded;
}

/** A plain scalar by YAML 1.1's rules, as far as PyYAML leaves such values unquoted. */
function plain(text: string): YamlValue {
  if (text === '' || /^(~|null)$/i.test(text)) return null;
  if (text === '[]') return [];
  if (text === '{}') return {};
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  return /^[-+]?(\d+|\d[\d_]*\.\d*(e[-+]\d+)?)$/i.test(text) ? Number(text) : text;
}

class Lines {
  private readonly lines: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.lines = text.replace(/\r\n/g, '\n').split('\n');
  }

  /** The entries that are indented by `indent`. */
  mapping(indent: number): { [key: string]: YamlValue } {
    const entries: [string, YamlValue][] = [];
    for (; this.at < this.lines.length;) {
      const line = this.lines[this.at]!;
      if (line.trim() === '' || /^(#|---|%)/.test(line)) {
        this.at++;
        continue;
      }
      const found = KEY.exec(line);
      if (found === null) throw new Error(`line ${this.at + 1} is no "key: value": ${line}`);
      if (found[1]!.length < indent) break;
      const key =
        found[2]?.replaceAll("''", "'") ?? (found[3] === undefined ? found[4]! : unescape(found[3]));
      this.at++;
      entries.push([key, this.value(found[5] ?? '', found[1]!.length)]);
    }
    return Object.fromEntries(entries);
  }

  private value(first: string, indent: number): YamlValue {
    if (first.startsWith("'")) {
      const text = this.until(first, /^'((?:[^']|'')*)'\s*$/);
      return fold(text).replaceAll("''", "'");
    }
    if (first.startsWith('"')) {
      const text = this.until(first, /^"((?:[^"\\]|\\[^])*)"\s*$/);
      // an escaped line break joins the lines; blanks that belong to the text are escaped too
      return unescape(fold(text.replace(/\\\n[ \t]*/g, '')));
    }
    const nested = this.deeper(indent);
    if (first === '' && nested) return this.mapping(indent + 1);
    let text = first;
    while (this.deeper(indent)) text += `\n${this.lines[this.at++]}`;
    return plain(fold(text).trim());
  }

  /** True where the next line belongs to the value above it. */
  private deeper(indent: number): boolean {
    const line = this.lines[this.at];
    return line !== undefined && line.trim() !== '' && line.search(/\S/) > indent;
  }

  /** A quoted scalar to its closing quote, perhaps some lines further down. */
  private until(first: string, closed: RegExp): string {
    let text = first;
    let found = closed.exec(text);
    for (let lines = 1; found === null; lines++) {
      if (lines > MOST_LINES) throw new Error(`a quoted text has more than ${MOST_LINES} lines`);
      const next = this.lines[this.at++];
      if (next === undefined) throw new Error(`a quoted text is never closed: ${first}`);
      text += `\n${next}`;
      found = closed.exec(text);
    }
    return found[1]!;
  }
}

/** @throws Error where the text is no such YAML. */
export function parseYaml(text: string): { [key: string]: YamlValue } {
  return new Lines(text).mapping(0);
}
