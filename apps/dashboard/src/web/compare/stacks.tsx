import type { Comparison, PairedSample, Stack, StackName, StackSet } from '../../api/compare.ts';
import { percent } from '../shell/format.ts';
import type { Cell } from '../run/matrix.tsx';
import { useAnswer } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';

const TITLES: Readonly<Record<StackName, readonly [title: string, words: string]>> = {
  fixed: ['Fixed by B', 'wrong in A, right in B'],
  broken: ['Broken by B', 'right in A, wrong in B'],
  bothWrong: ['Wrong in both', 'neither knows them'],
  bothRight: ['Right in both', 'nothing changed'],
};
const PREVIEW = 12;
const PAGE = 48;

/** The three most probable classes of one run, the true one always among them. */
function Answer({ of, sample, names, side }: AnswerProps) {
  const ranked = of.probabilities.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
  const shown = ranked.slice(0, 3);
  if (!shown.some(({ index }) => index === sample.true))
    shown[2] = ranked.find(({ index }) => index === sample.true)!;
  return (
    <ol class="probabilities" aria-label={`probabilities of ${side}`}>
      {shown.map(({ value, index }) => (
        <li key={index} class={index === sample.true ? 'right' : index === of.predicted ? 'wrong' : ''}>
          <span>{names[index]}</span>
          <meter min={0} max={1} value={value} aria-label={`${names[index]}: ${percent(value, 1)}`} />
          <b>{percent(value, 0)}</b>
        </li>
      ))}
    </ol>
  );
}

interface AnswerProps {
  readonly of: PairedSample['a'];
  readonly sample: PairedSample;
  readonly names: readonly string[];
  readonly side: string;
}

interface TileProps {
  readonly sample: PairedSample;
  readonly comparison: Comparison;
}

function Tile({ sample, comparison: { dataset, split } }: TileProps) {
  const names = dataset.classNames;
  const answer = (of: PairedSample['a']) => (
    <span class={of.predicted === sample.true ? 'answer right' : 'answer wrong'}>
      {names[of.predicted]} <span class="muted">{percent(of.probabilities[of.predicted], 0)}</span>
    </span>
  );
  return (
    <li>
      <details>
        <summary>
          <img
            loading="lazy"
            width="56"
            height="56"
            src={`/api/datasets/${dataset.digest}/${split}/${sample.index}`}
            alt={`${split} image ${sample.index}, ${names[sample.true]}`}
          />
          <span class="said">
            <b>{names[sample.true]}</b>
            <span>A {answer(sample.a)}</span>
            <span>B {answer(sample.b)}</span>
          </span>
        </summary>
        <div class="both">
          <span class="muted">A</span>
          <Answer of={sample.a} sample={sample} names={names} side="A" />
          <span class="muted">B</span>
          <Answer of={sample.b} sample={sample} names={names} side="B" />
        </div>
      </details>
    </li>
  );
}

function StackColumn({ stack, comparison, alone }: { stack: Stack; comparison: Comparison; alone: boolean }) {
  const [title, words] = TITLES[stack.name];
  const more = stack.total > stack.samples.length;
  return (
    <section class={`stack ${stack.name}`} aria-label={title}>
      <h3>
        {title} <b>{stack.total.toLocaleString('en')}</b>
        <small>{words}</small>
      </h3>
      {stack.total === 0 && <p class="quiet">None.</p>}
      <ul>
        {stack.samples.map((sample) => (
          <Tile key={sample.index} sample={sample} comparison={comparison} />
        ))}
      </ul>
      {!alone && more && (
        <button type="button" class="chip" onClick={() => setParams({ stack: stack.name, from: null })}>
          show all {stack.total.toLocaleString('en')}
        </button>
      )}
    </section>
  );
}

function Pager({ total, from }: { total: number; from: number }) {
  if (total <= PAGE) return null;
  const go = (to: number) => setParams({ from: to === 0 ? null : String(to) });
  return (
    <p class="pager">
      <button type="button" disabled={from === 0} onClick={() => go(Math.max(0, from - PAGE))}>
        ← previous
      </button>
      <span>
        {from + 1}–{Math.min(total, from + PAGE)} of {total.toLocaleString('en')}
      </span>
      <button type="button" disabled={from + PAGE >= total} onClick={() => go(from + PAGE)}>
        next →
      </button>
    </p>
  );
}

/** The images behind a difference, in four stacks: of all samples, or of the cell that was picked. */
export function StacksPart({ comparison, cell }: { comparison: Comparison; cell: Cell | null }) {
  const { a, b, split, dataset } = comparison;
  const only = param('stack') as StackName | null;
  const from = Number(param('from', '0')) || 0;
  const query = new URLSearchParams({ a: String(a.runId), b: String(b.runId), split });
  if (cell !== null) {
    query.set('true', String(cell.true));
    query.set('predicted', String(cell.predicted));
  }
  if (only !== null) query.set('stack', only);
  query.set('offset', String(only === null ? 0 : from));
  query.set('limit', String(only === null ? PREVIEW : PAGE));
  const { data, problem } = useAnswer<StackSet>(`/api/compare/stacks?${query}`, 0);
  const clear = { stack: null, from: null };
  return (
    <section aria-labelledby="stacks">
      <header>
        <h2 id="stacks">Images behind the difference</h2>
        {cell !== null && (
          <button type="button" class="chip" onClick={() => setParams({ cell: null, ...clear })}>
            {dataset.classNames[cell.true]} → {dataset.classNames[cell.predicted]}{' '}
            <span aria-hidden="true">×</span>
            <span class="hidden">: show all classes again</span>
          </button>
        )}
        {only !== null && (
          <button type="button" class="chip" onClick={() => setParams(clear)}>
            {TITLES[only]?.[0] ?? only} <span aria-hidden="true">×</span>
            <span class="hidden">: show all four stacks again</span>
          </button>
        )}
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && (
        <div class={only === null ? 'stacks' : 'stacks alone'}>
          {data.stacks.map((stack) => (
            <StackColumn key={stack.name} stack={stack} comparison={comparison} alone={only !== null} />
          ))}
        </div>
      )}
      {data && only !== null && <Pager total={data.stacks[0]?.total ?? 0} from={data.offset} />}
    </section>
  );
}
