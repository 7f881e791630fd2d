import { SpaceError } from './errors.ts';
import { FlowError, flowItems } from './space-flow.ts';
import type { ParameterSpec } from './space.ts';

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\s*\\.\\.\\s*(${NUMBER})(?:\\s*:\\s*(${NUMBER}))?$`);
const WHOLE = /^[+-]?\d+$/;
const FORMS = 'write a,b,c (values), 0.2..0.5 (range), 16..128:16 (range with step) or log:1e-4..1e-2';

/**
 * A parameter as a flag says it: `a,b,c` (YAML values: numbers, true, null, "text", [lists]), `0.2..0.5`, `16..128:16` (with a step),
 * `log:1e-4..1e-2`.
 * @param numbers which ones the setting takes; where nobody knows, a range is one of whole numbers only with a whole step
 * (`1..5:1`)
 * @throws SpaceError for what is none of these, or for an empty or contradictory range.
 */
export function parseParameter(path: string, text: string, numbers?: 'whole' | 'real'): ParameterSpec {
  const trimmed = text.trim();
  const fail = (problem: string): never => {
    throw new SpaceError(`"${path}=${text}": ${problem}`, path);
  };
  if (trimmed === '') fail(`there is no value; ${FORMS}`);
  const log = trimmed.startsWith('log:');
  const body = log ? trimmed.slice(4).trim() : trimmed;
  const match = RANGE.exec(body);
  if (match !== null) return range(match, log, numbers, fail);
  if (log) fail(`"log:" wants two numbers, as in log:1e-4..1e-2, not "${body}"`);
  if (/^[^"'[{]*\.\./.test(body) && /\d/.test(body)) fail(`"${body}" is no range; ${FORMS}`);
  try {
    return { kind: 'choice', values: flowItems(trimmed) };
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    return fail(`${error.message}; ${FORMS}`);
  }
}

function range(
  match: RegExpExecArray,
  log: boolean,
  numbers: 'whole' | 'real' | undefined,
  fail: (problem: string) => never,
): ParameterSpec {
  const [from, to, by] = [match[1]!, match[2]!, match[3]];
  const [low, high, step] = [Number(from), Number(to), by === undefined ? undefined : Number(by)];
  if (![low, high, step ?? 1].every(Number.isFinite)) fail('a number is too large');
  if (low > high) fail(`the range is empty: ${from} is above ${to}`);
  if (step !== undefined && step <= 0) fail(`a step is above zero, not ${by!}`);
  if (log && low <= 0) fail(`a logarithmic range runs above zero, not from ${from}`);
  if (log && step !== undefined) fail('a logarithmic range takes no step');
  const written = [from, to, ...(by === undefined ? [] : [by])].every((number) => WHOLE.test(number));
  if (numbers === 'whole' && !written) fail('it takes whole numbers: write the ends (and the step) as such');
  if (numbers === 'whole' || (numbers === undefined && written && step !== undefined)) {
    return { kind: 'int', low, high, step: step ?? 1, log };
  }
  return step === undefined ? { kind: 'float', low, high, log } : { kind: 'float', low, high, step, log };
}
