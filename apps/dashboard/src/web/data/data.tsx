import './data.css';
import type { DatasetFindings, DatasetList, DatasetSummary } from '../../api/data.ts';
import { percent } from '../shell/format.ts';
import { Choice } from '../shell/choice.tsx';
import { Augmentation } from './augment.tsx';
import { Strip, Suspects } from './images.tsx';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { param, setParams } from '../shell/url.ts';

const SPLITS = { train: 'training', val: 'validation', test: 'test' } as const;

/** Images of each class in each split, with the share of its split as a bar. */
function Balance({ dataset }: { dataset: DatasetSummary }) {
  const splits = (['train', 'val', 'test'] as const).filter((split) => dataset.counts[split] !== undefined);
  const total = (split: string): number => dataset.counts[split]!.reduce((sum, n) => sum + n, 0);
  return (
    <section aria-labelledby="balance">
      <header>
        <h2 id="balance">Class balance</h2>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Class balance, table">
        <table class="balance">
          <thead>
            <tr>
              <th scope="col">class</th>
              {splits.map((split) => (
                <th key={split} scope="col">
                  {SPLITS[split]} ({total(split).toLocaleString('en')})
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {dataset.classNames.map((name, k) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {splits.map((split) => {
                  const count = dataset.counts[split]![k]!;
                  const most = Math.max(1, ...dataset.counts[split]!);
                  return (
                    <td key={split}>
                      <i class="bar" style={{ width: `${(count / most) * 60}px` }} />
                      {count.toLocaleString('en')}{' '}
                      <span class="muted">{percent(count / Math.max(1, total(split)), 1)}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Classes({ dataset, found }: { dataset: DatasetSummary; found: DatasetFindings }) {
  const { height, width } = dataset.image;
  const classes = dataset.classNames.length;
  const mean = `/api/data/${dataset.digest}/mean.png?split=${found.split}`;
  return (
    <section aria-labelledby="classes">
      <header>
        <h2 id="classes">Classes</h2>
        <span class="muted">the mean image, then samples spread evenly over the split</span>
      </header>
      <ul class="classes">
        {dataset.classNames.map((name, k) => (
          <li key={name}>
            <span>{name}</span>
            <span class="mean">
              <img
                alt={`Mean image of ${name}`}
                src={mean}
                style={{
                  width: `${classes * 44}px`,
                  height: `${(44 * height) / width}px`,
                  marginLeft: `${-k * 44}px`,
                }}
              />
            </span>
            <Strip
              dataset={dataset}
              split={found.split}
              positions={found.samples[k]!}
              label={`Samples of ${name}`}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Missed({ dataset, found }: { dataset: DatasetSummary; found: DatasetFindings }) {
  const { runs, count, split } = found;
  if (runs === 0) return <p class="quiet">No run has predictions of this split yet.</p>;
  return (
    <>
      <section aria-labelledby="missed">
        <header>
          <h2 id="missed">Most missed</h2>
          <span class="muted">
            over {runs} runs: {found.everMissed.toLocaleString('en')} of {count.toLocaleString('en')} were
            missed by at least one, {found.alwaysMissed.toLocaleString('en')} by every one
          </span>
        </header>
        <Suspects dataset={dataset} split={split} runs={runs} suspects={found.missed} />
      </section>
      <section aria-labelledby="errors">
        <header>
          <h2 id="errors">Likely label errors</h2>
          <span class="muted">
            {found.labelErrorTotal.toLocaleString('en')} confident disagreements; the furthest from their
            label first
          </span>
        </header>
        <p class="muted method">
          Confident learning (Northcutt, Jiang and Chuang 2021): with probabilities averaged over the runs, a
          class’s threshold is its mean probability over the samples labelled so; a sample that reaches
          another class’s threshold and favours that class disagrees with its label. A hint to look, no proof:
          where all runs share a weakness, it shows here too.
        </p>
        {found.labelErrors.length === 0 ? (
          <p class="quiet">No sample disagrees confidently with its label.</p>
        ) : (
          <Suspects dataset={dataset} split={split} runs={runs} suspects={found.labelErrors} />
        )}
      </section>
    </>
  );
}

function One({ dataset }: { dataset: DatasetSummary }) {
  const splits = (['test', 'val'] as const).filter((split) => dataset.counts[split] !== undefined);
  const asked = param('split', splits[0] ?? 'test');
  const { data, problem } = useAnswer<DatasetFindings>(
    `/api/data/${dataset.digest}?split=${encodeURIComponent(asked)}`,
    listVersion.value,
  );
  const sample = data?.missed[0]?.index ?? data?.samples[0]?.[0] ?? 0;
  return (
    <>
      {!dataset.hasImages && (
        <p class="notice">
          The images of {dataset.name} are not on this machine; the numbers come from the ledgers. Get them
          with <code>npx nx run data:fetch</code>.
        </p>
      )}
      <Balance dataset={dataset} />
      <header class="band">
        <h2>Samples</h2>
        <Choice
          name="split"
          label="Split"
          fallback={splits[0] ?? 'test'}
          options={splits.map((split) => [split, SPLITS[split]] as const)}
        />
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data === undefined && !problem && <p class="quiet">Reading the ledgers…</p>}
      {data && dataset.hasImages && <Classes dataset={dataset} found={data} />}
      {data && <Missed dataset={dataset} found={data} />}
      {data && dataset.hasImages && dataset.image.height === 28 && dataset.image.width === 28 && (
        <Augmentation dataset={dataset} split={data.split} sample={sample} />
      )}
    </>
  );
}

/** `/data`: what is in a dataset and what all runs make of it. */
export function DataView() {
  const { data, problem } = useAnswer<DatasetList>('/api/data', listVersion.value);
  document.title = 'Data · Atelier';
  const asked = param('dataset');
  const chosen = asked === null ? data?.datasets[0] : data?.datasets.find(({ digest }) => digest === asked);
  return (
    <article>
      <header class="title">
        <h1>Data</h1>
        {data && data.datasets.length > 0 && (
          <select
            class="day"
            aria-label="Dataset"
            value={chosen?.digest ?? ''}
            onChange={(event) => setParams({ dataset: event.currentTarget.value })}
          >
            {data.datasets.map(({ digest, name, runs }) => (
              <option key={digest} value={digest}>
                {name} {digest.slice(0, 8)}, {runs} {runs === 1 ? 'run' : 'runs'}
              </option>
            ))}
          </select>
        )}
      </header>
      {problem && <p class="notice bad">{problem.message}</p>}
      {data === undefined && !problem && <p class="quiet">Reading the datasets…</p>}
      {data?.datasets.length === 0 && <p class="quiet">No run has recorded its dataset yet.</p>}
      {data && data.datasets.length > 0 && chosen === undefined && (
        <p class="notice">
          No run used a dataset {asked}. <a href="/data">The most used one</a>
        </p>
      )}
      {chosen && <One key={chosen.digest} dataset={chosen} />}
    </article>
  );
}
