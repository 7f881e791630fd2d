import fc from 'fast-check';
import { expect, it } from 'vitest';

/** How long each attack runs (`nx run-many -t attack`); absent, as in `npm test`: a few hundred tries of one seed. */
const minutes = Number(process.env['ATELIER_ATTACK_MINUTES'] ?? 0);

const MODE: fc.Parameters<unknown> =
  minutes > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: minutes * 60_000, seed: Date.now() | 0 }
    : { numRuns: 500, seed: 12 };

/** A test that throws made-up input at `target` until it breaks its promise. */
export function attack<T>(name: string, input: fc.Arbitrary<T>, target: (input: T) => void): void {
  it(name, { timeout: Math.max(60_000, 2 * minutes * 60_000) }, () => {
    const found = fc.check(fc.property(input, target), MODE as fc.Parameters<[T]>);
    if (minutes > 0) console.log(`${name}: ${found.numRuns} tries, seed ${found.seed}`);
    const reason = found.failed ? fc.defaultReportMessage(found) : undefined;
    expect(found.interrupted && found.counterexample === null ? undefined : reason).toBeUndefined();
  });
}

/** Ways to spoil bytes: cut off, overwritten in places (also whole 32-bit numbers), or something else altogether. */
export function spoiled(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)), fc.boolean());
  const edited = fc.tuple(whole, fc.array(edit, { maxLength: 6 }), fc.option(fc.nat()));
  return fc.oneof(
    { weight: 4, arbitrary: edited.map(([bytes, edits, cut]) => spoil(bytes, edits, cut)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

function spoil(
  bytes: Uint8Array,
  edits: readonly (readonly [at: number, value: number, wide: boolean])[],
  cut: number | null,
): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [at, value, wide] of edits)
    copy.fill(value, at % (copy.length + 1), (at % (copy.length + 1)) + (wide ? 4 : 1));
  return cut === null ? copy : copy.subarray(0, cut % (copy.length + 1));
}
