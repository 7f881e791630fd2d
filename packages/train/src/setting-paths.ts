import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** What optional, nullable and default wrap. */
function unwrap(schema: Schema): Schema {
  const { innerType } = (schema as z.ZodType).def as { innerType?: Schema };
  return innerType === undefined ? schema : unwrap(innerType);
}

/** The settings directly below a schema; those of every kind for a union. Empty for a leaf. */
function children(schema: Schema): [string, Schema][] {
  const { shape, options } = unwrap(schema) as { shape?: Record<string, Schema>; options?: Schema[] };
  if (shape !== undefined) return Object.entries(shape);
  return (options ?? []).flatMap((option) => (typeof option === 'object' ? children(option) : []));
}

/** Which numbers a schema takes: `whole` where no other would do; undefined where it takes none. */
function numbersOf(schema: Schema): 'whole' | 'real' | undefined {
  const { type, format } = unwrap(schema)._zod.def as { type: string; format?: string };
  if (type !== 'number') return undefined;
  return format === 'safeint' ? 'whole' : 'real';
}

/** Which numbers the setting at a dotted path takes; `real` where several kinds differ, undefined where it takes none. */
export function settingNumbers(schema: Schema, path: string): 'whole' | 'real' | undefined {
  const [head, ...rest] = path.split('.');
  const found = children(schema).flatMap(([name, child]) => (name === head ? [child] : []));
  const numbers = found.map((child) =>
    rest.length === 0 ? numbersOf(child) : settingNumbers(child, rest.join('.')),
  );
  const known = [...new Set(numbers)].filter((each) => each !== undefined);
  return known.length > 1 ? 'real' : known[0];
}

/** Every setting of a schema as a dotted path, groups included: `optimizer`, `optimizer.learningRate`, ... */
export function settingPaths(schema: Schema): string[] {
  const paths = children(schema).flatMap(([name, child]) => [
    name,
    ...settingPaths(child).map((path) => `${name}.${path}`),
  ]);
  return [...new Set(paths)];
}
