import { distance } from 'fastest-levenshtein';

interface Ranked {
  readonly name: string;
  readonly away: number;
}

/** Without regard to case; of two that are equally far the one that stands first. */
function ranked(typed: string, known: readonly string[]): Ranked[] {
  const lower = typed.toLowerCase();
  return known
    .map((name) => ({ name, away: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
}

/** The nearest of a closed list, however far it is: for messages that list their choices anyway. */
export function nearest(typed: string, known: readonly string[]): string {
  return ranked(typed, known)[0]?.name ?? '';
}

/**
 * The names that somebody may have meant who typed this, the nearest first: two edits away, a third of the longer
 * name's letters, or names that contain it. Empty where all are other words.
 */
export function namesNear(typed: string, known: readonly string[], limit = 3): string[] {
  const lower = typed.toLowerCase();
  return ranked(typed, known)
    .filter(({ name, away }) => {
      const slip = Math.max(2, Math.floor(Math.max(typed.length, name.length) / 3));
      return away <= slip || (lower !== '' && name.toLowerCase().includes(lower));
    })
    .slice(0, limit)
    .map(({ name }) => name);
}
