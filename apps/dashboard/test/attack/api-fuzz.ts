import fc from 'fast-check';
import type { Hono } from 'hono';
import { z } from 'zod';
import { own } from '../../src/api/own.ts';
import { Problem } from '../../src/api/schema.ts';
import { ANSWERS } from '../../src/server/answers.ts';
import type { Parsing } from '../../src/server/request.ts';
import { describedRoutes } from '../../src/server/routes/openapi.ts';

/** Asks an API everything that its own schemas describe: right values, nearly right ones, and what breaks programs. */

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What inherited names, encodings, numbers and languages trip over. */
const HOSTILE: readonly unknown[] = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', '\0', '\n', '\u{1f600}', '\ud800'],
  ...['%', '%ff', '%00', '..', '../../etc/passwd', '..\\', '/', '//evil.example/', 'file:///etc/passwd'],
  ...["'", '"', '`', '\\', "' OR 1=1 --", '; DROP TABLE runs', '<script>', '${7*7}', '=1+1', '\u001b[2J'],
  ...['NaN', 'Infinity', '-0', '1e999', '9007199254740993', '0x10', '1.5', '-1', '0', '9'.repeat(400)],
  ...['[', '{}', '[]', 'null', '["__proto__"]', '["constructor",1]', 'true', 'undefined', '['.repeat(3000)],
  ...[null, 0, -1, 1.5, 1e308, true, [], {}, [[]], 'a'.repeat(5000)],
];

const FILTERS = [
  ...[
    'constructor = 1',
    '__proto__ > 0',
    'toString(x) = 1',
    'val/accuracy > constructor',
    'min(__proto__) = 1',
  ],
  ...['notes ~ "%_*?"', 'created > 2026-02-30', 'id in (1,2,3)', 'cm["0", "1"] > 2', 'cm[__proto__,a] = 1'],
  ...[
    'not not id = 1',
    '((((',
    'id = 1 or '.repeat(300),
    `id in (${'1,'.repeat(1500)}1)`,
    'status = running',
  ],
];

/** Values that mean something in the home that is asked, by the name of the parameter. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

const KNOWN: Known = {
  filter: FILTERS,
  text: FILTERS,
  sort: [
    'val/accuracy',
    '-created,name',
    'cm["0", "1"]',
    'constructor',
    ',,,',
    'notes',
    '`',
    'min(val/loss)',
  ],
  columns: ['["seed"]', '["__proto__"]', '["constructor"]', 'seed', '[', '["a b"]', '["cm[1,2]"]'],
  ids: [[1], [2], '1', '1,2,3', '1,1,1', '0', '9999999999'],
  runs: ['1', '1,2', '2,1,99', '1,,2'],
  keys: ['val/loss', 'val/loss,constructor', 'train/accuracy,val/accuracy', ',,'],
  key: ['val/accuracy', '__proto__'],
  i: ['0', '0,1,2', '99999999'],
  a: [1],
  b: [2, 3],
  objective: [0, 1],
  x: ['model.dropout', 'constructor'],
  y: ['model.width', '__proto__'],
  version: [1],
  alias: ['champion', '__proto__', 'constructor'],
  on: ['2026-11-20', '2026-02-30', 'yesterday', '20:99', '-7d', '2026'],
};

function shaped(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(shaped));
  const { minimum = -5, maximum = 1000 } = schema;
  const [low, high] = [Math.max(minimum, -1e9), Math.min(maximum, 1e9)];
  switch (schema.type) {
    case 'integer':
      return fc.integer({ min: Math.ceil(low), max: Math.floor(Math.max(low, high)) });
    case 'number':
      return fc.double({ min: low, max: Math.max(low, high), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(shaped(schema.items ?? {}), { maxLength: 5 });
    case 'object':
      return filled(schema, {});
    default:
      return schema.pattern === undefined
        ? fc.string({ maxLength: 30, unit: 'binary' })
        : fc.stringMatching(new RegExp(schema.pattern), { maxLength: 80 });
  }
}

/** Mostly of the schema, often something that is there, now and then hostile, seldom left out or too much. */
function filled({ properties = {}, required = [] }: JsonSchema, known: Known): fc.Arbitrary<object> {
  const entries = Object.entries(properties).map(([name, schema]) => {
    const meant = own(known, name);
    const value = fc.oneof(
      { weight: 5, arbitrary: meant === undefined ? shaped(schema) : fc.constantFrom(...meant) },
      { weight: 2, arbitrary: shaped(schema) },
      { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
    );
    const isThere = fc.integer({ min: 1, max: 10 });
    const often = required.includes(name) ? 9 : 5;
    return fc.tuple(isThere, value).map(([at, of]) => (at <= often ? [[name, of]] : []));
  });
  const more = fc.oneof(
    { weight: 15, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE).map((of) => [[String(of), of]]) },
  );
  return fc
    .tuple(fc.tuple(...entries), more)
    .map(([own, other]) => Object.fromEntries([...own.flat(), ...other]));
}

const schemaOf = ({ schema }: Parsing): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** One request of one operation. */
export interface Attack {
  readonly operation: string;
  readonly path: string;
  readonly init: RequestInit;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function attackOf(operation: string, values: Readonly<Record<string, Record<string, unknown>>>): Attack {
  const [method, pattern] = operation.split(' ') as [string, string];
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = text(own(values['param'] ?? {}, name) ?? '');
    // as it is, where a client would have sent it so: also what is no encoding
    return /^%\w?\w?$/.test(value) ? value : encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, '?'));
  });
  const asked = Object.entries(values['query'] ?? {});
  const query = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, text(value)]));
  const body = values['json'] === undefined ? {} : { body: JSON.stringify(values['json']) };
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  return { operation, path: `${path}?${query}`, init: { method, headers, ...(method !== 'GET' && body) } };
}

/** Requests of every operation that an app declares. */
export function attacks(app: Hono, known: Known = {}): fc.Arbitrary<Attack> {
  const operations = [...describedRoutes(app.routes)].map(([operation, parsings]) => {
    const parts = parsings.map((parsing) =>
      filled(schemaOf(parsing), { ...KNOWN, ...known }).map((of) => [parsing.target, of]),
    );
    return fc.tuple(...parts).map((of) => attackOf(operation, Object.fromEntries(of)));
  });
  return fc.oneof(...operations);
}

/** What an answer may be: anything but a failure of ours, and what its schema says. @throws Error with what was asked. */
export async function judgeAnswer({ operation, path, init }: Attack, response: Response): Promise<void> {
  const fail = (why: string): never => {
    throw new Error(
      `${operation}: ${init.method} ${path} ${String(init.body ?? '')}\n${response.status}: ${why}`,
    );
  };
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) return response.body?.cancel();
  const body = await response.text();
  if (response.status >= 500) fail(body.slice(0, 500));
  if (response.status >= 400) {
    const parsed = Problem.safeParse(JSON.parse(body));
    return parsed.success ? undefined : fail(z.prettifyError(parsed.error));
  }
  const { answer, type: wanted } = ANSWERS[operation]!;
  if (wanted !== undefined && !type.startsWith(wanted) && type !== 'application/octet-stream') fail(type);
  const parsed = answer?.safeParse(JSON.parse(body));
  if (parsed?.success === false) fail(z.prettifyError(parsed.error));
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** Every method that the paths of an app do not declare. */
export function undeclared(app: Hono): { method: string; path: string }[] {
  const declared = [...describedRoutes(app.routes).keys()].map((key) => key.split(' ') as [string, string]);
  const paths = [...new Set(declared.map(([, path]) => path))];
  return paths.flatMap((path) => {
    const own = new Set(declared.filter(([, of]) => of === path).map(([method]) => method));
    if (own.has('GET')) own.add('HEAD');
    own.add('OPTIONS');
    const asked = path.replace(/\{(id|index)\}/g, '1').replace(/\{(\w+)\}/g, 'test');
    return METHODS.filter((method) => !own.has(method)).map((method) => ({ method, path: asked }));
  });
}
