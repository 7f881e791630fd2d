import { QueryError } from '../errors.ts';
import { tokenize, type Token } from './tokens.ts';

export interface Place {
  readonly at: number;
  readonly end: number;
}

/** What is asked about, not yet looked up. */
export type FieldNode = Place &
  (
    | { readonly kind: 'name'; readonly name: string; readonly exact: boolean }
    | { readonly kind: 'call'; readonly call: string; readonly name: string; readonly namePlace: Place }
    | {
        readonly kind: 'cell';
        readonly split: string;
        readonly truth: ClassWord;
        readonly predicted: ClassWord;
      }
  );

/** A class by its name, or by its number where digits stand without quotes. */
export interface ClassWord extends Place {
  readonly text: string;
  readonly isNumber: boolean;
}

export type ValueNode = Place & {
  readonly kind: 'string' | 'number' | 'word';
  readonly text: string;
};

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~';

/** A query as a tree. */
export type QueryNode =
  | { readonly kind: 'and'; readonly left: QueryNode; readonly right: QueryNode }
  | { readonly kind: 'or'; readonly left: QueryNode; readonly right: QueryNode }
  | { readonly kind: 'not'; readonly inner: QueryNode }
  | (Place & {
      readonly kind: 'compare';
      readonly field: FieldNode;
      readonly operator: Operator;
      readonly value: ValueNode;
    })
  | (Place & {
      readonly kind: 'in';
      readonly field: FieldNode;
      readonly values: readonly ValueNode[];
      readonly negated: boolean;
    });

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '~': '~',
  '!~': '!~',
};

const DEEPEST = 200;

function spoken(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${token.text}"`;
}

class Parser {
  private readonly text: string;
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
  }

  query(): QueryNode {
    const node = this.or();
    const rest = this.peek();
    if (rest.kind !== 'end') this.fail(rest, `expected "and", "or" or the end, but found ${spoken(rest)}`);
    return node;
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)]!;
  }

  private take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.next++;
    return token;
  }

  private fail({ at, end }: Place, message: string): never {
    throw new QueryError(this.text, at, end, message);
  }

  private takes(...texts: string[]): boolean {
    const token = this.peek();
    if (token.kind !== 'name' && token.kind !== 'symbol') return false;
    if (!texts.includes(token.text.toLowerCase())) return false;
    this.next++;
    return true;
  }

  private expect(symbol: string, after: string): Token {
    const token = this.peek();
    if (token.kind === 'symbol' && token.text === symbol) return this.take();
    return this.fail(token, `expected "${symbol}" ${after}, but found ${spoken(token)}`);
  }

  private or(): QueryNode {
    let left = this.and();
    while (this.takes('or', '||')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  private and(): QueryNode {
    let left = this.not();
    while (this.takes('and', '&&')) left = { kind: 'and', left, right: this.not() };
    return left;
  }

  private not(): QueryNode {
    if (++this.depth > DEEPEST) this.fail(this.peek(), 'the query is nested too deeply');
    try {
      if (this.takes('not', '!')) return { kind: 'not', inner: this.not() };
      if (this.peek().kind === 'symbol' && this.peek().text === '(') {
        this.take();
        const inner = this.or();
        this.expect(')', 'to close the group');
        return inner;
      }
      return this.comparison();
    } finally {
      this.depth--;
    }
  }

  private comparison(): QueryNode {
    const field = this.field();
    const token = this.peek();
    const negated = this.takes('not');
    if (this.takes('in')) {
      const values = this.list();
      return { kind: 'in', field, values, negated, at: field.at, end: this.peek(-1).end };
    }
    const operator = token.kind === 'symbol' && !negated ? OPERATORS[token.text] : undefined;
    if (operator === undefined) {
      return this.fail(token, `expected =, !=, <, <=, >, >=, ~, !~ or in, but found ${spoken(token)}`);
    }
    this.take();
    const value = this.value();
    return { kind: 'compare', field, operator, value, at: field.at, end: value.end };
  }

  private field(): FieldNode {
    const token = this.take();
    const { at, end, text } = token;
    if (token.kind === 'quoted') return { kind: 'name', name: text, exact: true, at, end };
    if (token.kind !== 'name') {
      return this.fail(token, `expected a parameter, a metric or a field, but found ${spoken(token)}`);
    }
    const follows = this.peek();
    if (follows.kind === 'symbol' && follows.text === '(') return this.call(token);
    if (follows.kind === 'symbol' && follows.text === '[') return this.cell(token);
    return { kind: 'name', name: text, exact: false, at, end };
  }

  private call(name: Token): FieldNode {
    this.take();
    const inner = this.take();
    if (!['name', 'quoted', 'string'].includes(inner.kind)) {
      this.fail(inner, `expected a name within ${name.text}(...), but found ${spoken(inner)}`);
    }
    const { end } = this.expect(')', `after ${name.text}(${inner.text}`);
    return { kind: 'call', call: name.text, name: inner.text, namePlace: inner, at: name.at, end };
  }

  private cell(name: Token): FieldNode {
    const split = /^cm(?:\.(.+))?$/.exec(name.text);
    if (split === null) this.fail(name, `only cm[...] has cells: cm["Shirt", "Coat"], not ${name.text}[...]`);
    this.take();
    const truth = this.className();
    this.expect(',', 'between the true and the predicted class');
    const predicted = this.className();
    const { end } = this.expect(']', 'after the predicted class');
    return { kind: 'cell', split: split?.[1] ?? 'test', truth, predicted, at: name.at, end };
  }

  private className(): ClassWord {
    const { kind, text, at, end } = this.take();
    const isNumber = kind === 'number';
    if (kind === 'symbol' || kind === 'end' || (isNumber && !/^\d+$/.test(text))) {
      const came = kind === 'end' ? 'the end' : `"${text}"`;
      this.fail({ at, end }, `expected a class as "Shirt" or its number, but found ${came}`);
    }
    return { text, isNumber, at, end };
  }

  private list(): ValueNode[] {
    this.expect('(', 'after in');
    const values = [this.value()];
    while (this.takes(',')) values.push(this.value());
    this.expect(')', 'to close the list');
    return values;
  }

  private value(): ValueNode {
    const token = this.take();
    const { at, end, text } = token;
    if (token.kind === 'string' || token.kind === 'quoted') return { kind: 'string', text, at, end };
    if (token.kind === 'number') return { kind: 'number', text, at, end };
    if (token.kind === 'name') return { kind: 'word', text, at, end };
    return this.fail(token, `expected a number or a "string", but found ${spoken(token)}`);
  }
}

/** The tree of a query; undefined for an empty one. @throws QueryError with the place of what is wrong. */
export function parseQuery(text: string): QueryNode | undefined {
  return text.trim() === '' ? undefined : new Parser(text).query();
}
