/**
 * One text for one value, so that equal values have equal digests: keys sorted by UTF-16 code units, no spaces, numbers
 * as ECMAScript prints them, fields without a value left out. This is RFC 8785 (JSON Canonicalization Scheme), which
 * forbids NaN and infinities: they become their names, as strings.
 *
 * Hashes of the registry's history, keys of trials and families of runs are made of this text and stored: it never changes.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}
