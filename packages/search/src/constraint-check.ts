import type { Expression } from './constraint.ts';
import { ConstraintError, didYouMean } from './errors.ts';
import type { Domain } from './space-domain.ts';

type Kind = 'number' | 'string' | 'boolean' | 'null' | 'list or object';

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' ? type : 'list or object';
}

function kindsOf({ spec }: Domain): ReadonlySet<Kind> {
  return new Set(spec.kind === 'choice' ? spec.values.map(kindOf) : ['number']);
}

/**
 * Checks a constraint against the parameters: every path is one, arithmetic and order are of numbers, and/or/not of truth values, and
 * the whole is one. @returns the paths it names.
 * @throws ConstraintError
 */
export function checkConstraint(
  text: string,
  tree: Expression,
  byPath: ReadonlyMap<string, Domain>,
): ReadonlySet<string> {
  const paths = new Set<string>();
  const fail = (node: Expression, problem: string): never => {
    throw new ConstraintError(text, node.column, problem);
  };
  const expect = (node: Expression, wanted: Kind, use: string): void => {
    const wrong = [...kinds(node)].filter((kind) => kind !== wanted);
    if (wrong.length > 0) fail(node, `${use} a ${wanted}, but this may be a ${wrong.join(' or a ')}`);
  };
  const kinds = (node: Expression): ReadonlySet<Kind> => {
    switch (node.kind) {
      case 'literal':
        return new Set([kindOf(node.value)]);
      case 'path': {
        const domain = byPath.get(node.path);
        if (domain === undefined) {
          fail(node, `no parameter "${node.path}".${didYouMean(node.path, [...byPath.keys()])}`);
        }
        paths.add(node.path);
        return kindsOf(domain!);
      }
      case 'unary': {
        const wanted = node.operator === 'not' ? 'boolean' : 'number';
        expect(node.operand, wanted, `"${node.operator}" wants`);
        return new Set([wanted]);
      }
      case 'binary':
        return binaryKind(node);
    }
  };
  const binaryKind = (node: Expression & { kind: 'binary' }): ReadonlySet<Kind> => {
    const { operator, left, right } = node;
    if (operator === '==' || operator === '!=') {
      const [a, b] = [kinds(left), kinds(right)];
      if (![...a].some((kind) => b.has(kind))) {
        fail(node, `a ${[...a].join(' or ')} never equals a ${[...b].join(' or ')}`);
      }
      return new Set(['boolean']);
    }
    const wanted = operator === 'and' || operator === 'or' ? 'boolean' : 'number';
    expect(left, wanted, `"${operator}" wants`);
    expect(right, wanted, `"${operator}" wants`);
    return new Set(['+', '-', '*', '/'].includes(operator) ? ['number'] : ['boolean']);
  };
  expect(tree, 'boolean', 'a constraint is');
  if (paths.size === 0) fail(tree, 'it names no parameter');
  return paths;
}
