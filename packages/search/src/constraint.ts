import { type Token, tokens } from './constraint-tokens.ts';
import { ConstraintError } from './errors.ts';

export type Literal = number | string | boolean | null;

/** A constraint as a tree. `column` is where its operator or word stands, from 1. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Literal; readonly column: number }
  | { readonly kind: 'path'; readonly path: string; readonly column: number }
  | {
      readonly kind: 'unary';
      readonly operator: 'not' | '-';
      readonly operand: Expression;
      readonly column: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly column: number;
    };

const LEVELS = [['or'], ['and'], ['<', '<=', '>', '>=', '==', '!='], ['+', '-'], ['*', '/']] as const;
export type BinaryOperator = (typeof LEVELS)[number][number];
const COMPARISONS = 2;

const LITERALS = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

// deeper than any sane constraint, shallower than the stack
const DEPTH = 200;

/**
 * Reads `a.b * 2 <= 1 and (c == "x" or not d)`. From loosest to tightest: or, and, not, comparisons (which do not chain), + -, * /,
 * unary minus. `&&`, `||`, `!` are and, or, not. A path with other letters stands in backquotes.
 * @throws ConstraintError with the column of what could not be read.
 */
export function parseConstraint(text: string): Expression {
  const words = tokens(text);
  let at = 0;
  let depth = 0;
  const peek = (): Token => words[at]!;
  const fail = (token: Token, problem: string): never => {
    throw new ConstraintError(text, token.column, problem);
  };
  const nested = (read: () => Expression): Expression => {
    if (++depth > DEPTH) fail(peek(), `nested more than ${DEPTH} deep`);
    const inner = read();
    depth--;
    return inner;
  };
  const isSymbol = (...symbols: readonly string[]): boolean =>
    peek().kind === 'symbol' && symbols.includes(peek().value as string);

  const binary = (level: number): Expression => {
    if (level === LEVELS.length) return unary();
    if (level === COMPARISONS && isSymbol('not')) return negation();
    let left = binary(level + 1);
    for (let count = 0; isSymbol(...LEVELS[level]!); count++) {
      const token = words[at++]!;
      if (level === COMPARISONS && count > 0)
        fail(token, 'comparisons do not chain; write "a < b and b < c"');
      const right = binary(level + 1);
      left = { kind: 'binary', operator: token.value as BinaryOperator, left, right, column: token.column };
    }
    return left;
  };
  const negation = (): Expression => {
    const { column } = words[at++]!;
    return { kind: 'unary', operator: 'not', operand: nested(() => binary(COMPARISONS)), column };
  };
  const unary = (): Expression => {
    if (!isSymbol('-')) return primary();
    const { column } = words[at++]!;
    return { kind: 'unary', operator: '-', operand: nested(unary), column };
  };
  const primary = (): Expression => {
    const token = words[at++]!;
    if (token.kind === 'number' || token.kind === 'string') return { ...token, kind: 'literal' };
    if (token.kind === 'path') {
      const literal = LITERALS.get(token.value);
      if (literal !== undefined) return { kind: 'literal', value: literal, column: token.column };
      return { kind: 'path', path: token.value, column: token.column };
    }
    if (token.value === '(') {
      const inner = nested(() => binary(0));
      if (!isSymbol(')')) fail(peek(), `the bracket of column ${token.column} is not closed`);
      at++;
      return inner;
    }
    return fail(
      token,
      token.kind === 'end'
        ? 'it ends where a value should follow'
        : `a value was expected, not "${token.value}"`,
    );
  };

  const tree = binary(0);
  if (peek().kind !== 'end') fail(peek(), `"${peek().value}" was not expected here`);
  return tree;
}
