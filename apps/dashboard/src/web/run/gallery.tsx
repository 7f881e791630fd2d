import { useState } from 'preact/hooks';
import type { Evaluation, Sample, SamplePage } from '../../api/schema.ts';
import { percent } from '../shell/format.ts';
import { useAnswer } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';
import { Choice } from '../shell/choice.tsx';
import type { Cell } from './matrix.tsx';

const PAGE = 48;
/** As the server lays its sheets out. */
const SHEET_COLUMNS = 12;
const TILE = 84;

interface GalleryProps {
  readonly run: number;
  readonly version: number | undefined;
  readonly evaluation: Evaluation;
  readonly cell: Cell | null;
}

/** Where one image of a sheet is, as a background. */
function backgroundOf(sheet: string, at: number, total: number) {
  const columns = Math.min(SHEET_COLUMNS, total);
  return {
    backgroundImage: `url("${sheet}")`,
    backgroundSize: `${columns * TILE}px auto`,
    backgroundPosition: `-${(at % columns) * TILE}px -${Math.floor(at / columns) * TILE}px`,
  };
}

function Probabilities({ sample, evaluation }: { sample: Sample; evaluation: Evaluation }) {
  const ranked = sample.probabilities
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 5);
  return (
    <ol class="probabilities">
      {ranked.map(({ value, index }) => (
        <li key={index} class={index === sample.true ? 'right' : index === sample.predicted ? 'wrong' : ''}>
          <span>{evaluation.classNames[index]}</span>
          <meter
            min={0}
            max={1}
            value={value}
            aria-label={`${evaluation.classNames[index]}: ${percent(value, 1)}`}
          />
          <b>{percent(value, 1)}</b>
        </li>
      ))}
    </ol>
  );
}

interface TileProps {
  readonly sample: Sample;
  readonly image: Record<string, string>;
  readonly evaluation: Evaluation;
}

function Tile({ sample, image, evaluation }: TileProps) {
  const open = param('sample') === String(sample.index);
  const truth = evaluation.classNames[sample.true];
  const answer = evaluation.classNames[sample.predicted];
  const isRight = sample.true === sample.predicted;
  return (
    <li class={open ? 'open' : ''}>
      <button
        type="button"
        aria-expanded={open}
        aria-label={`image ${sample.index}: ${truth}, predicted ${answer}, confidence ${percent(sample.confidence, 1)}`}
        onClick={() => setParams({ sample: open ? null : String(sample.index) })}
      >
        <i class="image" style={image} />
        <span class="label">{truth}</span>
        <span class={isRight ? 'answer right' : 'answer wrong'}>
          {isRight ? '✓' : '→'} {answer}
        </span>
        <span class="muted">{percent(sample.confidence, 1)}</span>
      </button>
      {open && (
        <div class="detail">
          <p class="muted">
            {evaluation.split} image {sample.index}
          </p>
          <Probabilities sample={sample} evaluation={evaluation} />
        </div>
      )}
    </li>
  );
}

function Tiles({ page, evaluation }: { page: SamplePage; evaluation: Evaluation }) {
  const [lost, setLost] = useState(false);
  const positions = page.samples.map((sample) => sample.index);
  const sheet = `/api/datasets/${evaluation.dataset.digest}/${evaluation.split}/sheet.png?i=${positions.join()}`;
  return (
    <>
      <img class="hidden" src={sheet} alt="" onError={() => setLost(true)} onLoad={() => setLost(false)} />
      {lost && (
        <p class="notice">
          The images of {evaluation.dataset.name} are not on this machine. Get them with{' '}
          <code>npx nx run data:fetch</code>.
        </p>
      )}
      <ul class="gallery">
        {page.samples.map((sample, at) => (
          <Tile
            key={sample.index}
            sample={sample}
            evaluation={evaluation}
            image={backgroundOf(sheet, at, page.samples.length)}
          />
        ))}
      </ul>
    </>
  );
}

function Pager({ page }: { page: SamplePage }) {
  const end = page.offset + page.samples.length;
  if (page.total <= PAGE) return null;
  const go = (offset: number) => setParams({ from: offset === 0 ? null : String(offset), sample: null });
  return (
    <p class="pager">
      <button type="button" disabled={page.offset === 0} onClick={() => go(Math.max(0, page.offset - PAGE))}>
        ← previous
      </button>
      <span>
        {page.offset + 1}–{end} of {page.total.toLocaleString('en')}
      </span>
      <button type="button" disabled={end >= page.total} onClick={() => go(end)}>
        next →
      </button>
    </p>
  );
}

/** The images behind the numbers: wrong, right or all, by confidence; those of one cell where one is picked. */
export function Gallery({ run, version, evaluation, cell }: GalleryProps) {
  const kind = cell === null ? param('show', 'wrong') : 'all';
  const query = new URLSearchParams({
    split: evaluation.split,
    kind,
    order: param('order', 'sure'),
    offset: param('from', '0'),
    limit: String(PAGE),
  });
  if (cell !== null) {
    query.set('true', String(cell.true));
    query.set('predicted', String(cell.predicted));
  }
  const { data, problem } = useAnswer<SamplePage>(`/api/runs/${run}/samples?${query}`, version);
  return (
    <section aria-labelledby="images">
      <header>
        <h2 id="images">Images</h2>
        {cell === null ? (
          <Choice
            name="show"
            label="Which images"
            fallback="wrong"
            clears={['from', 'sample']}
            options={[
              ['wrong', 'misclassified'],
              ['right', 'right'],
              ['all', 'all'],
            ]}
          />
        ) : (
          <button
            type="button"
            class="chip"
            onClick={() => setParams({ cell: null, from: null, sample: null })}
          >
            {evaluation.classNames[cell.true]} → {evaluation.classNames[cell.predicted]}{' '}
            <span aria-hidden="true">×</span>
            <span class="hidden">: show all classes again</span>
          </button>
        )}
        <Choice
          name="order"
          label="Order"
          fallback="sure"
          clears={['from', 'sample']}
          options={[
            ['sure', 'most sure first'],
            ['unsure', 'least sure first'],
            ['index', 'as stored'],
          ]}
        />
        {data && (
          <span class="muted">
            {data.total.toLocaleString('en')} of {evaluation.count.toLocaleString('en')} {evaluation.split}{' '}
            images
          </span>
        )}
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && data.total === 0 && <p class="quiet">No image is like that.</p>}
      {data && data.total > 0 && <Tiles page={data} evaluation={evaluation} />}
      {data && <Pager page={data} />}
    </section>
  );
}
