import { useState } from 'preact/hooks';
import type { Gates, Model, PromoteAnswer, Version } from '../../api/models.ts';
import { PredicateTable, Sentences } from '../parts/model-parts.tsx';
import { send, useAnswer, type Answer } from '../state/api.ts';

interface FormProps {
  readonly model: Model;
  readonly changed: () => void;
}

/** Who acts: remembered in this browser, since the history keeps it. */
function useName(): [string, (name: string) => void] {
  const [name, set] = useState(() => localStorage.getItem('name') ?? '');
  return [
    name,
    (next) => {
      localStorage.setItem('name', next);
      set(next);
    },
  ];
}

function Field({ label, value, onInput }: { label: string; value: string; onInput: (text: string) => void }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input type="text" required value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

function Judged({ answer, alias, version }: { answer: PromoteAnswer; alias: string; version: number }) {
  const head = answer.moved
    ? `${alias} is now v${version}${answer.overridden ? ', against the gate' : ''}.`
    : answer.passed
      ? `v${version} passes; nothing was moved yet.`
      : `v${version} does not pass: ${alias} stays where it is.`;
  return (
    <div class="judged">
      <p class={answer.passed ? 'good' : 'bad'} role="status">
        <b>{head}</b>{' '}
        <span class="muted">
          {answer.against === null ? 'Nobody to compare with.' : `Compared with v${answer.against}.`} The test
          split has been used {answer.testSetUses} times to decide.
        </span>
      </p>
      <Sentences sentences={answer.sentences} />
      <PredicateTable predicates={answer.predicates} />
      <p class="muted">smoke check {answer.smoke}</p>
    </div>
  );
}

/** Shows a gate's verdict with its evidence before an alias moves; against it only by name and with a reason. */
export function PromoteForm({ model, version, changed }: FormProps & { version: Version }) {
  const { data } = useAnswer<Gates>('/api/models/gates', undefined);
  const [alias, setAlias] = useState('champion');
  const [typed, setGate] = useState<string>();
  const [by, setBy] = useName();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer<PromoteAnswer>>({});
  const gate = typed ?? data?.gates[0]?.file ?? '';
  const text = data?.gates.find(({ file }) => file === gate)?.text;
  const submit = (dryRun: boolean, override?: { reason: string }): void => {
    setBusy(true);
    const body = { version: version.version, alias, gate, by, dryRun, ...(override && { override }) };
    void send<PromoteAnswer>('POST', `/api/models/${encodeURIComponent(model.name)}/promote`, body).then(
      (next) => {
        setBusy(false);
        setAnswer(next);
        if (next.data?.moved === true) changed();
      },
    );
  };
  const judged = answer.data;
  return (
    <section class="promote" aria-labelledby="promote">
      <h2 id="promote">
        Promote v{version.version} of {model.name}
      </h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(true);
        }}
      >
        <Field label="alias" value={alias} onInput={setAlias} />
        <label class="field">
          <span>gate</span>
          <select value={gate} onChange={(event) => setGate(event.currentTarget.value)}>
            {data?.gates.map(({ file }) => (
              <option key={file}>{file}</option>
            ))}
          </select>
        </label>
        <Field label="your name" value={by} onInput={setBy} />
        <button type="submit" class="primary" disabled={busy || gate === ''}>
          {busy ? 'Judging…' : 'Judge it'}
        </button>
      </form>
      {data?.gates.length === 0 && <p class="notice">There is no gate file: add one to the folder gates/.</p>}
      {text !== undefined && (
        <details>
          <summary>what {gate} asks for</summary>
          <pre>{text}</pre>
        </details>
      )}
      {answer.problem && (
        <p class="notice bad" role="alert">
          {answer.problem.message}
        </p>
      )}
      {judged && <Judged answer={judged} alias={alias} version={version.version} />}
      {judged && !judged.moved && judged.passed && (
        <button type="button" class="primary" disabled={busy} onClick={() => submit(false)}>
          Make it {alias}
        </button>
      )}
      {judged && !judged.moved && !judged.passed && (
        <form
          class="override"
          onSubmit={(event) => {
            event.preventDefault();
            submit(false, { reason });
          }}
        >
          <Field
            label="reason to move it all the same (kept for ever, with your name)"
            value={reason}
            onInput={setReason}
          />
          <button type="submit" class="plain" disabled={busy}>
            Override the gate
          </button>
        </form>
      )}
    </section>
  );
}

/** Gives an alias back to whoever held it before. */
export function RollBackForm({ model, changed }: FormProps) {
  const aliases = Object.keys(model.aliases);
  const [chosen, choose] = useState<string>();
  const [by, setBy] = useName();
  const [reason, setReason] = useState('');
  const [message, setMessage] = useState<{ text: string; bad: boolean }>();
  if (aliases.length === 0) return null;
  const alias = chosen ?? aliases[0]!;
  const submit = (event: Event): void => {
    event.preventDefault();
    const path = `/api/models/${encodeURIComponent(model.name)}/rollback`;
    void send<{ version: number; from: number }>('POST', path, { alias, by, reason }).then(
      ({ data, problem }) => {
        if (data) changed();
        setMessage(
          data
            ? { text: `${alias} is v${data.version} again, no longer v${data.from}.`, bad: false }
            : { text: problem?.message ?? '', bad: true },
        );
      },
    );
  };
  return (
    <details class="roll-back">
      <summary>Roll back…</summary>
      <form onSubmit={submit}>
        <label class="field">
          <span>alias</span>
          <select value={alias} onChange={(event) => choose(event.currentTarget.value)}>
            {aliases.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Field label="your name" value={by} onInput={setBy} />
        <Field label="reason" value={reason} onInput={setReason} />
        <button type="submit" class="plain">
          Give it to the holder before
        </button>
      </form>
      {message && (
        <p class={message.bad ? 'bad' : 'good'} role={message.bad ? 'alert' : 'status'}>
          {message.text}
        </p>
      )}
    </details>
  );
}
