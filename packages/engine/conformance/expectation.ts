import { inspect, isDeepStrictEqual } from 'node:util';
import { isSpy } from './spy.ts';

type Verdict = readonly [pass: boolean, wanted: string];
type Matcher = (actual: unknown, ...args: never[]) => Verdict;

const shown = (value: unknown): string =>
  inspect(value, { depth: 3, maxArrayLength: 20, breakLength: Infinity });

interface Asymmetric {
  asymmetricMatch(other: unknown): boolean;
}

/** Jasmine's equality: deep, by type, NaN equal to itself, 0 and -0 apart. */
export function equal(actual: unknown, wanted: unknown): boolean {
  const asymmetric = wanted as Partial<Asymmetric> | null | undefined;
  if (typeof asymmetric?.asymmetricMatch === 'function') return asymmetric.asymmetricMatch(actual);
  return isDeepStrictEqual(actual, wanted);
}

/** jasmine.arrayWithExactContents: the same members in any order. */
export function exactContents(members: readonly unknown[]): Asymmetric {
  return {
    asymmetricMatch(other) {
      if (!Array.isArray(other) || other.length !== members.length) return false;
      const left = [...(other as unknown[])];
      return members.every((member) => {
        const at = left.findIndex((item) => equal(item, member));
        return at >= 0 && left.splice(at, 1).length === 1;
      });
    },
  };
}

type ErrorType = new (...args: never[]) => Error;

/** Whether an error fits what toThrowError and toBeRejectedWithError are given: [type], [message or pattern]. */
function fits(error: unknown, args: readonly unknown[]): boolean {
  if (!(error instanceof Error)) return false;
  const rest = [...args];
  if (typeof rest[0] === 'function' && !(error instanceof (rest.shift() as ErrorType))) return false;
  const [message] = rest;
  if (message instanceof RegExp) return message.test(error.message);
  return message === undefined || error.message === message;
}

function thrownBy(body: unknown): { error: unknown } | undefined {
  try {
    (body as () => unknown)();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function calls(actual: unknown): unknown[][] {
  if (!isSpy(actual)) throw new Error('a spy expected');
  return actual.calls.allArgs();
}

const order = (holds: (a: number, b: number) => boolean, sign: string): Matcher =>
  ((actual: number, limit: number) => [holds(actual, limit), `${sign} ${limit}`]) as Matcher;

const MATCHERS: Readonly<Record<string, Matcher>> = {
  nothing: () => [true, ''],
  toBe: (actual, wanted) => [Object.is(actual, wanted) || actual === wanted, `to be ${shown(wanted)}`],
  toEqual: (actual, wanted) => [equal(actual, wanted), `to equal ${shown(wanted)}`],
  toBeNull: (actual) => [actual === null, 'to be null'],
  toBeUndefined: (actual) => [actual === undefined, 'to be undefined'],
  toBeDefined: (actual) => [actual !== undefined, 'to be defined'],
  toBeTruthy: (actual) => [Boolean(actual), 'to be truthy'],
  toBeFalsy: (actual) => [!actual, 'to be falsy'],
  toBeTrue: (actual) => [actual === true, 'to be true'],
  toBeFalse: (actual) => [actual === false, 'to be false'],
  toBeNaN: (actual) => [Number.isNaN(actual), 'to be NaN'],
  toBeLessThan: order((a, b) => a < b, '<'),
  toBeLessThanOrEqual: order((a, b) => a <= b, '<='),
  toBeGreaterThan: order((a, b) => a > b, '>'),
  toBeGreaterThanOrEqual: order((a, b) => a >= b, '>='),
  toBeCloseTo: ((actual: number, wanted: number, digits = 2) => [
    Math.abs(actual - wanted) < 10 ** -digits / 2,
    `to be within ${digits} digits of ${wanted}`,
  ]) as Matcher,
  toBeInstanceOf: ((actual: unknown, type: ErrorType) => [
    actual instanceof type,
    `to be a ${type.name}`,
  ]) as Matcher,
  toContain: ((actual: string | unknown[], wanted: never) => [
    typeof actual === 'string' ? actual.includes(wanted) : actual.some((item) => equal(item, wanted)),
    `to contain ${shown(wanted)}`,
  ]) as Matcher,
  toMatch: ((actual: string, wanted: string | RegExp) => [
    new RegExp(wanted).test(actual),
    `to match ${wanted}`,
  ]) as Matcher,
  toThrow: ((actual: unknown, ...wanted: unknown[]) => {
    const thrown = thrownBy(actual);
    return [thrown !== undefined && (wanted.length === 0 || equal(thrown.error, wanted[0])), 'to throw'];
  }) as Matcher,
  toThrowError: ((actual: unknown, ...wanted: unknown[]) => {
    const thrown = thrownBy(actual);
    const came = thrown ? shown((thrown.error as Error).message) : 'nothing';
    return [
      thrown !== undefined && fits(thrown.error, wanted),
      `to throw ${shown(wanted)}; it threw ${came}`,
    ];
  }) as Matcher,
  toHaveBeenCalled: (actual) => [calls(actual).length > 0, 'to have been called'],
  toHaveBeenCalledTimes: ((actual: unknown, times: number) => [
    calls(actual).length === times,
    `to have been called ${times} times`,
  ]) as Matcher,
  toHaveBeenCalledWith: ((actual: unknown, ...args: unknown[]) => [
    calls(actual).some((made) => equal(made, args)),
    `to have been called with ${shown(args)}`,
  ]) as Matcher,
};

type Expectation = Record<string, unknown>;

/** `expect(actual)`; what is wrong goes to `fail`, and the test goes on, as in Jasmine. */
export function expectation(actual: unknown, fail: (message: string) => void): Expectation {
  const bound = (negated: boolean): Expectation =>
    Object.fromEntries(
      Object.entries(MATCHERS).map(([name, matcher]) => [
        name,
        (...args: never[]) => {
          const [pass, wanted] = matcher(actual, ...args);
          if (pass === negated) fail(`expected ${shown(actual)} ${negated ? 'not ' : ''}${wanted}`);
        },
      ]),
    );
  const result: Expectation = { ...bound(false), not: bound(true) };
  result['withContext'] = () => result;
  return result;
}

/** `expectAsync(promise)`. */
export function asyncExpectation(actual: Promise<unknown>, fail: (message: string) => void): Expectation {
  return {
    toBeRejectedWithError: async (...wanted: unknown[]) => {
      const outcome = await actual.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (!outcome || !fits(outcome.error, wanted))
        fail(`expected a promise rejected with ${shown(wanted)}, came ${shown(outcome)}`);
    },
  };
}
