import type { Judgement, Predicate } from '../../api/models.ts';
import { decimal } from '../shell/format.ts';

const SAYS = { passed: '✓ pass', failed: '✗ FAIL', 'not applicable': 'n/a', unknown: '? unknown' };

/** `accuracy.low > 0.85` as what is asked and its bound. */
function parts(predicate: string): [string, string] {
  const match = /^(.*?)\s*(<=|>=|==|!=|<|>)\s*(.+)$/.exec(predicate);
  return match === null ? [predicate, ''] : [match[1]!, `${match[2]} ${match[3]}`];
}

function PredicateRow({ predicate, outcome, value, note }: Predicate) {
  const [fact, bound] = parts(predicate);
  return (
    <tr class={outcome.replace(' ', '-')}>
      <td>{SAYS[outcome]}</td>
      <th scope="row">{fact}</th>
      <td class="number">{bound}</td>
      <td class="number">{typeof value === 'number' ? decimal(value) : (value ?? '–')}</td>
      <td class="wide">{note}</td>
    </tr>
  );
}

const times = (count: number | null): string => (count === 1 ? 'once' : `${count ?? 0} times`);

/** What stopped a promotion, in words; null where nothing did. */
export function stoppedBy({ predicates, passed }: Judgement): string | null {
  if (passed) return null;
  const blocked = predicates.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown');
  return blocked
    .map(({ predicate, note }) => (note === null ? predicate : `${predicate} (${note})`))
    .join('; ');
}

/** A gate's verdict: each predicate with its bound and what was found, and what the ledgers say in words. */
export function Evidence({ judgement }: { judgement: Judgement }) {
  const stopped = stoppedBy(judgement);
  return (
    <div class="evidence">
      <p class={judgement.passed ? 'verdict passed' : 'verdict failed'}>
        {judgement.passed ? 'The gate lets it pass.' : `The gate stops it: ${stopped}`}
      </p>
      {judgement.sentences.map((sentence) => (
        <p key={sentence} class="wrap">
          {sentence}
        </p>
      ))}
      <p class="key wrap">
        {judgement.gate.file} ({judgement.gate.sha256.slice(0, 12)}),{' '}
        {judgement.against === null ? 'nobody held the alias' : `against version ${judgement.against}`}
        {judgement.split === 'test' && `; the test split has been used ${times(judgement.testSetUses)}`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Predicates of the gate">
        <table class="predicates">
          <caption class="hidden">Predicates of the gate</caption>
          <thead>
            <tr>
              <th scope="col">outcome</th>
              <th scope="col">fact</th>
              <th scope="col" class="number">
                bound
              </th>
              <th scope="col" class="number">
                found
              </th>
              <th scope="col">note</th>
            </tr>
          </thead>
          <tbody>
            {judgement.predicates.map((row) => (
              <PredicateRow key={row.predicate} {...row} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted wrap">
        Smoke check {judgement.smoke.status}: {judgement.smoke.detail}
      </p>
    </div>
  );
}
