import { canonicalJson } from '@atelier/base';
import type { BinaryOperator, Expression } from './constraint.ts';
import type { Parameters, ParameterValue } from './trial.ts';

// undefined: not known, because a parameter is inactive at this point
type Known = ParameterValue | undefined;

const ARITHMETIC: Partial<Record<BinaryOperator, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/**
 * The value of a checked constraint at a point; undefined where it hangs on an inactive parameter. and, or and not follow Kleene's
 * three-valued logic: `known false and unknown` is false, `known true or unknown` is true.
 */
export function evaluate(node: Expression, point: Parameters): Known {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'path':
      return Object.hasOwn(point, node.path) ? point[node.path] : undefined;
    case 'unary': {
      const value = evaluate(node.operand, point);
      if (value === undefined) return undefined;
      return node.operator === 'not' ? !value : -(value as number);
    }
    case 'binary':
      return binary(node, point);
  }
}

function binary(node: Expression & { kind: 'binary' }, point: Parameters): Known {
  const { operator } = node;
  const left = evaluate(node.left, point);
  // one side decides: false for and, true for or
  const decides = operator === 'and' ? false : operator === 'or' ? true : undefined;
  if (decides !== undefined && left === decides) return decides;
  const right = evaluate(node.right, point);
  if (decides !== undefined) {
    if (right === decides) return decides;
    return left === undefined || right === undefined ? undefined : !decides;
  }
  if (left === undefined || right === undefined) return undefined;
  if (operator === '==') return same(left, right);
  if (operator === '!=') return !same(left, right);
  return ARITHMETIC[operator]!(left as number, right as number);
}

function same(a: ParameterValue, b: ParameterValue): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
