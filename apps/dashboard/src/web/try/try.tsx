import './try.css';
import { useMemo, useState } from 'preact/hooks';
import type { SamplePage } from '../../api/schema.ts';
import type { Candidate, Candidates } from '../../api/try.ts';
import { runColour } from '../shell/colour.ts';
import { bytes, decimal, percent } from '../shell/format.ts';
import { useAnswers, type Said } from './answers.ts';
import { Breaks, TopClasses } from './breaks.tsx';
import { CHANGES, changed, PATCH, RANGES, SIDE, UNCHANGED, type Change, type Pixels } from './images.ts';
import { Picture } from './pad.tsx';
import { sampleOf, samplePath, SourcePicker, useSample } from './source.tsx';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { param, setParams } from '../shell/url.ts';

function changeFromAddress(): Change {
  const read = (name: keyof Change): number => {
    const { min, max } = RANGES[name];
    const value = Number(param(name, '0'));
    return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : 0;
  };
  return Object.fromEntries(CHANGES.map((name) => [name, read(name)])) as unknown as Change;
}

function ModelChoice({ name, label, all, chosen }: ModelChoiceProps) {
  return (
    <label class="try-model">
      <span>{label}</span>
      <select
        value={chosen?.key ?? ''}
        onChange={(event) => setParams({ [name]: event.currentTarget.value || 'none' })}
      >
        {name === 'b' && <option value="">none</option>}
        {all.map(({ key, label: text, aliases, accuracy }) => (
          <option key={key} value={key}>
            {text}
            {aliases.length > 0 && ` (${aliases.join(', ')})`} · {percent(accuracy, 1)}
          </option>
        ))}
      </select>
    </label>
  );
}
interface ModelChoiceProps {
  readonly name: 'a' | 'b';
  readonly label: string;
  readonly all: readonly Candidate[];
  readonly chosen: Candidate | undefined;
}

/** How far the page is from the ledger, which is kept in half precision. */
function LedgerLine({ said, sample }: { said: Said; sample: number }) {
  const { data } = useAnswer<SamplePage>(samplePath(said.candidate, sample), undefined);
  const ledger = data?.samples.find(({ index }) => index === sample)?.probabilities;
  if (ledger === undefined || said.probabilities === undefined) return null;
  const off = Math.max(...ledger.map((value, k) => Math.abs(value - (said.probabilities![k] ?? 0))));
  return off < 0.002 ? (
    <p class="muted">As in the run’s ledger (at most {off.toExponential(0)} apart).</p>
  ) : (
    <p class="notice">
      Not what the run’s ledger says: {decimal(off)} apart. The saved model is perhaps of another checkpoint.
    </p>
  );
}

function Answer({ said, shown, right, sample }: AnswerProps) {
  const { candidate, probabilities, latency, fall } = said;
  const names = candidate.classNames ?? [];
  return (
    <section class="try-answer" aria-label={`Answer of ${candidate.label}`}>
      <header>
        <h2>
          <i class="swatch" style={{ background: runColour(candidate.runId) }} />
          {candidate.label}
        </h2>
        <span class="muted">
          <a href={`/runs/${candidate.runId}`}>run {candidate.runId}</a> · {bytes(candidate.bytes)}
        </span>
      </header>
      {said.problem && (
        <p class="notice bad" role="alert">
          {said.problem}
        </p>
      )}
      {probabilities === undefined && said.problem === undefined && (
        <p class="quiet">Loading the model into this page…</p>
      )}
      {probabilities && (
        <>
          <div class="try-said">
            <div>
              <TopClasses values={probabilities} names={names} right={right} />
              <p class="muted">
                {latency?.toFixed(1)} ms for one image, in {said.engine}
              </p>
            </div>
            <figure>
              <Picture pixels={shown} fall={fall} label="Where the answer comes from" />
              <figcaption class="muted">
                {fall === undefined ? 'computing…' : `occlusion, ${PATCH} × ${PATCH}`}
              </figcaption>
            </figure>
          </div>
          {sample !== undefined && <LedgerLine said={said} sample={sample} />}
        </>
      )}
    </section>
  );
}
interface AnswerProps {
  readonly said: Said;
  readonly shown: Pixels;
  readonly right: number | undefined;
  /** The stored sample that is shown as it is. */
  readonly sample: number | undefined;
}

function RightClass({ names, right, known }: { names: readonly string[]; right: number; known: boolean }) {
  if (known)
    return (
      <p>
        This is <b>{names[right]}</b>, says its label.
      </p>
    );
  return (
    <label class="try-model">
      <span>It should be</span>
      <select value={String(right)} onChange={(event) => setParams({ right: event.currentTarget.value })}>
        {names.map((name, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const EMPTY = new Float32Array(SIDE * SIDE);

function Trying({ all }: { all: readonly Candidate[] }) {
  const [own, setOwn] = useState<Pixels>();
  const first = all.find(({ key }) => key === param('a')) ?? all[0]!;
  const wanted = param('b');
  const other = all.find(({ runId }) => runId !== first.runId);
  const second = wanted === null ? other : all.find(({ key }) => key === wanted && key !== first.key);
  const isOwn = param('own') !== null && own !== undefined;
  const sample = isOwn ? undefined : sampleOf();
  const held = useSample(first, sample);
  const change = changeFromAddress();
  const base = isOwn ? own : held.pixels;
  const shown = useMemo(() => changed(base ?? EMPTY, change), [base, JSON.stringify(change)]);
  const chosen = [first, ...(second ? [second] : [])];
  const said = useAnswers(chosen, base, change);
  const names = first.classNames ?? [];
  const answer = said[0]?.probabilities;
  const guess = answer === undefined ? 0 : answer.indexOf(Math.max(...answer));
  const truth = isOwn ? undefined : held.truth;
  const chosenRight = /^\d{1,3}$/.test(param('right', '')) ? Number(param('right')) : undefined;
  const right = truth ?? chosenRight ?? guess;
  const isChanged = CHANGES.some((name) => change[name] !== 0);
  const reset = Object.fromEntries(CHANGES.map((name) => [name, null]));
  return (
    <>
      <div class="tools">
        <ModelChoice name="a" label="Model" all={all} chosen={first} />
        <ModelChoice name="b" label="beside" all={all} chosen={second} />
        {names.length > 0 && <RightClass names={names} right={right} known={truth !== undefined} />}
        {isChanged && (
          <button type="button" class="plain" onClick={() => setParams(reset)}>
            undo the sliders
          </button>
        )}
      </div>
      {!isOwn && held.problem && <p class="notice">{held.problem} Draw or open an image instead.</p>}
      <div class="try-desk">
        <SourcePicker
          shown={shown}
          base={base ?? EMPTY}
          sample={sample}
          samples={first.testCount}
          onOwn={(pixels) => {
            setOwn(pixels);
            setParams({ own: '1', sample: null });
          }}
        />
        {said.map((of) => (
          <Answer
            key={of.candidate.key}
            said={of}
            shown={shown}
            right={truth ?? chosenRight}
            sample={isChanged || of.candidate.datasetDigest !== first.datasetDigest ? undefined : sample}
          />
        ))}
      </div>
      <p class="muted">
        Colour on the small image: how much the probability of the answer falls (orange) or rises (blue) where
        a {PATCH} × {PATCH} square of it is blacked out, scaled to the largest change.
      </p>
      <Breaks
        said={said}
        right={right}
        className={names[right] ?? `class ${right}`}
        change={change}
        onChange={(name, value) => setParams({ [name]: value === UNCHANGED[name] ? null : String(value) })}
      />
    </>
  );
}

/** `/try`: put a picture to one or two models, in this page. */
export function TryView() {
  const { data, problem } = useAnswer<Candidates>('/api/try/models', listVersion.value);
  document.title = 'Try it · Atelier';
  return (
    <article>
      <header class="title">
        <h1>Try it</h1>
        <span class="muted">the models run in this page, with TensorFlow.js</span>
      </header>
      {problem && <p class="notice bad">{problem.message}</p>}
      {data === undefined && !problem && <p class="quiet">Looking for saved models…</p>}
      {data?.candidates.length === 0 && (
        <div class="empty">
          <h2>No saved model yet</h2>
          <p>A run that keeps its model (model/model.json among its artifacts) can be tried here:</p>
          <pre>npx nx run train:run --recipe=fashion-cnn</pre>
        </div>
      )}
      {data && data.candidates.length > 0 && <Trying all={data.candidates} />}
    </article>
  );
}
