/** What a terminal would act on, or show as something else: control characters, changes of direction by Unicode. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return (
    NAMED[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`)
  );
}

/** A text from outside (names, notes, tags, others' files) on one line of a terminal, which does nothing it says. */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same for texts of several lines: line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}
