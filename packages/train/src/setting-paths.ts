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

/** Every setting of a schema as a dotted path, groups included: `optimizer`, `optimizer.learningRate`, ... */
export function settingPaths(schema: Schema): string[] {
  const paths = children(schema).flatMap(([name, child]) => [
    name,
    ...settingPaths(child).map((path) => `${name}.${path}`),
  ]);
  return [...new Set(paths)];
}
