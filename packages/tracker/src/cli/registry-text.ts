import { formatTable } from '@atelier/cli';
import type { GateVerdict } from '../registry/gate.ts';
import { formatNumber } from './values.ts';

const OUTCOMES = { passed: 'pass', failed: 'FAIL', 'not applicable': 'n/a', unknown: 'UNKNOWN' } as const;

/** A gate's verdict, a predicate a line. */
export function verdictTable({ predicates }: GateVerdict): string {
  const columns = [
    { title: '' },
    { title: 'predicate' },
    { title: 'found', align: 'right' },
    { title: 'note' },
  ] as const;
  const rows = predicates.map(({ predicate, outcome, value, note }) => [
    OUTCOMES[outcome],
    predicate,
    formatNumber(value),
    note ?? '',
  ]);
  return formatTable([...columns], rows);
}
