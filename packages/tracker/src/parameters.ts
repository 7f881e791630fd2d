import type { JsonObject, ParameterValue } from './schema.ts';

/** A key that holds a dot or a quote is quoted, so that two settings never share a name. */
function segment(key: string): string {
  return /[."]/.test(key) || key === '' ? JSON.stringify(key) : key;
}

function isBranch(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

/**
 * A configuration as dotted settings: `{ optimizer: { kind: 'adam' } }` gives `optimizer.kind`. Lists and empty
 * objects become their JSON, so `model.filters` is `[32,64,128]`.
 */
export function flattenParameters(config: JsonObject, prefix = ''): [name: string, value: ParameterValue][] {
  return Object.entries(config).flatMap(([key, value]): [string, ParameterValue][] => {
    const name = prefix + segment(key);
    if (isBranch(value)) return flattenParameters(value, `${name}.`);
    return [[name, typeof value === 'object' && value !== null ? JSON.stringify(value) : value]];
  });
}

/** The columns a value is stored in. */
export interface ParameterCells {
  readonly kind: 'number' | 'boolean' | 'string' | 'null';
  readonly number: number | null;
  readonly text: string | null;
}

export function toCells(value: ParameterValue): ParameterCells {
  if (value === null) return { kind: 'null', number: null, text: null };
  if (typeof value === 'string') return { kind: 'string', number: null, text: value };
  return { kind: typeof value === 'number' ? 'number' : 'boolean', number: Number(value), text: null };
}

export function fromCells({ kind, number, text }: ParameterCells): ParameterValue {
  if (kind === 'null') return null;
  if (kind === 'string') return text ?? '';
  return kind === 'boolean' ? number === 1 : (number ?? 0);
}
