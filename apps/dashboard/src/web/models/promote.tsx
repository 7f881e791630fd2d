import { useState } from 'preact/hooks';
import { own } from '../../api/own.ts';
import type { ModelDetail, Promoted, RolledBack } from '../../api/models.ts';
import { change } from './change.ts';
import { Evidence } from './evidence.tsx';

interface PromoteProps {
  readonly model: ModelDetail;
  readonly version: number;
  readonly onMoved: (says: string) => void;
}

const pathOf = (name: string, verb: string): string => `/api/models/${encodeURIComponent(name)}/${verb}`;

/** A gate and an alias are chosen, the evidence is shown, and only then the alias can move. */
export function Promote({ model, version, onMoved }: PromoteProps) {
  const [alias, setAlias] = useState('champion');
  const [gate, setGate] = useState(model.gates[0]?.sha256 ?? '');
  const [by, setBy] = useState(model.user);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState<'judge' | 'move'>();
  const [judged, setJudged] = useState<Promoted>();
  const [problem, setProblem] = useState<string>();
  const ask = async (verb: 'judge' | 'promote', body: object): Promise<Promoted | undefined> => {
    setBusy(verb === 'judge' ? 'judge' : 'move');
    setProblem(undefined);
    const answer = await change<Promoted>(pathOf(model.name, verb), { version, alias, gate, ...body });
    setBusy(undefined);
    setProblem(answer.problem?.message);
    return answer.data;
  };
  const forget =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      setJudged(undefined);
    };
  const judge = async () => setJudged(await ask('judge', {}));
  const passed = judged?.judgement.passed ?? false;
  const move = async () => {
    const override = passed ? {} : { override: { reason } };
    const done = await ask('promote', { by, against: judged!.judgement.against, ...override });
    if (done === undefined) return;
    setJudged(done.moved ? undefined : done);
    if (done.moved) onMoved(`${alias} is now ${model.name} ${version}.`);
  };
  const offered = model.gates.find(({ sha256 }) => sha256 === gate);
  return (
    <section aria-labelledby="promote">
      <header>
        <h2 id="promote">
          Promote {model.name} {version}
        </h2>
      </header>
      {model.gateFaults.map((fault) => (
        <p key={fault} class="notice">
          {fault}
        </p>
      ))}
      {model.gates.length === 0 ? (
        <p class="notice">There is no gate: put one into the repository’s gates folder (docs/registry.md).</p>
      ) : (
        <div class="form">
          <label>
            <span>alias</span>
            <input value={alias} onInput={(event) => forget(setAlias)(event.currentTarget.value)} />
          </label>
          <label>
            <span>through</span>
            <select value={gate} onChange={(event) => forget(setGate)(event.currentTarget.value)}>
              {model.gates.map(({ sha256, file, from }) => (
                <option key={sha256} value={sha256}>
                  {file} {sha256.slice(0, 8)}
                  {from === 'history' && ' (as it was)'}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            class="plain"
            disabled={busy !== undefined || alias === ''}
            onClick={() => void judge()}
          >
            {busy === 'judge' ? 'judging…' : 'judge'}
          </button>
        </div>
      )}
      {offered && (
        <p class="muted">
          {offered.description ?? 'No description.'}{' '}
          {offered.split === 'test' && 'Judging counts as a look at the test split.'}
        </p>
      )}
      {problem && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      {judged && <Evidence judgement={judged.judgement} />}
      {judged && (
        <div class="form">
          <label>
            <span>your name</span>
            <input value={by} onInput={(event) => setBy(event.currentTarget.value)} />
          </label>
          {!passed && (
            <label class="long">
              <span>why override the gate</span>
              <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            </label>
          )}
          <button
            type="button"
            class={passed ? 'primary' : 'primary danger'}
            disabled={busy !== undefined || by.trim() === '' || (!passed && reason.trim() === '')}
            onClick={() => void move()}
          >
            {busy === 'move'
              ? 'moving…'
              : passed
                ? `Move ${alias} to ${version}`
                : `Override: move ${alias} to ${version}`}
          </button>
        </div>
      )}
    </section>
  );
}

/** Puts an alias back to who held it before; with a name and a reason. */
export function RollBack({ model, onMoved }: Omit<PromoteProps, 'version'>) {
  const aliases = Object.keys(model.aliases);
  const [alias, setAlias] = useState(aliases[0] ?? '');
  const [by, setBy] = useState(model.user);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (aliases.length === 0) return null;
  const go = async () => {
    setBusy(true);
    const { data, problem: why } = await change<RolledBack>(pathOf(model.name, 'rollback'), {
      alias,
      by,
      reason,
    });
    setBusy(false);
    setProblem(why?.message);
    if (data) onMoved(`${alias} is back from ${data.from} to ${data.to}.`);
  };
  return (
    <section aria-labelledby="rollback">
      <header>
        <h2 id="rollback">Roll back</h2>
        <span class="muted">to who held it before</span>
      </header>
      <div class="form">
        <label>
          <span>alias</span>
          <select value={alias} onChange={(event) => setAlias(event.currentTarget.value)}>
            {aliases.map((name) => (
              <option key={name} value={name}>
                {name} (now {own(model.aliases, name)})
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>your name</span>
          <input value={by} onInput={(event) => setBy(event.currentTarget.value)} />
        </label>
        <label class="long">
          <span>reason</span>
          <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <button
          type="button"
          class="plain"
          disabled={busy || by.trim() === '' || reason.trim() === ''}
          onClick={() => void go()}
        >
          {busy ? 'rolling back…' : 'roll back'}
        </button>
      </div>
      {problem && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
