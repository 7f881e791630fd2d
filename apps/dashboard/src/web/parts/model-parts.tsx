import type { Predicate } from '../../api/models.ts';
import { decimal } from '../format.ts';

export function Aliases({ aliases }: { aliases: readonly (readonly [alias: string, version: number])[] }) {
  if (aliases.length === 0) return <span class="muted">–</span>;
  return (
    <span class="aliases">
      {aliases.map(([alias, version]) => (
        <span key={alias} class={`alias ${alias === 'champion' ? 'champion' : ''}`}>
          {alias} <b>v{version}</b>
        </span>
      ))}
    </span>
  );
}

const MARK = { passed: '✓', failed: '✗', 'not applicable': '–', unknown: '?' } as const;

function shown(value: Predicate['value']): string {
  return typeof value === 'number' ? decimal(value) : (value ?? '–');
}

/** What a gate asked for, and what came. */
export function PredicateTable({ predicates }: { predicates: readonly Predicate[] }) {
  return (
    <div class="scroll">
      <table class="predicates">
        <thead>
          <tr>
            <th scope="col">required</th>
            <th scope="col" class="number">
              found
            </th>
            <th scope="col">outcome</th>
            <th scope="col">remark</th>
          </tr>
        </thead>
        <tbody>
          {predicates.map(({ predicate, outcome, value, note }) => (
            <tr key={predicate} class={outcome.replace(' ', '-')}>
              <td>
                <code>{predicate}</code>
              </td>
              <td class="number">{shown(value)}</td>
              <td class="outcome">
                <span aria-hidden="true">{MARK[outcome]}</span> {outcome}
              </td>
              <td class="muted wrap">{note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The evidence in words. */
export function Sentences({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <ul class="sentences">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
