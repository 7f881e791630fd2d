import type { GateVerdict } from '@atelier/registry';
import { formatTable } from '../terminal/table.ts';
import { formatNumber } from '../terminal/values.ts';

const OUTCOMES = { passed: 'pass', failed: 'FAIL', 'not applicable': 'n/a', unknown: 'UNKNOWN' } as const;

/** Longer notes stand below the table, each once. */
const LONGEST_NOTE = 70;

/** A gate's verdict, a predicate a line. */
export function verdictTable({ predicates }: GateVerdict): string {
  const columns = [
    { title: '' },
    { title: 'predicate' },
    { title: 'found', align: 'right' },
    { title: 'note' },
  ] as const;
  const long = [
    ...new Set(predicates.flatMap(({ note = '' }) => (note.length > LONGEST_NOTE ? [note] : []))),
  ];
  const rows = predicates.map(({ predicate, outcome, value, note = '' }) => [
    OUTCOMES[outcome],
    predicate,
    formatNumber(value),
    long.includes(note) ? `see [${long.indexOf(note) + 1}]` : note,
  ]);
  const below = long.map((note, at) => `[${at + 1}] ${note}`);
  return [formatTable([...columns], rows), ...below].join('\n');
}
