/**
 * What a table has under a name from outside. Plain indexing would also give what every object inherits: a run may have a
 * metric, a class or a setting called `constructor` or `__proto__`, and an address may ask for one that is not there.
 */
export function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
