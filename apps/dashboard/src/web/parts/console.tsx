import '../styles/judgement.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleLines } from '../../api/judgement.ts';
import type { RunDetail } from '../../api/schema.ts';
import { ask } from '../state/api.ts';

/** Lines put into the page; the newest. A long training prints more than anyone reads. */
const MOST_SHOWN = 2000;

type Line = ConsoleLines['lines'][number];

function useConsole(
  run: number,
  version: number | undefined,
): { lines: readonly Line[]; said: string | null } {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [said, say] = useState<string | null>(null);
  const after = useRef(0);
  useEffect(() => {
    let wanted = true;
    const from = after.current;
    void ask<ConsoleLines>(`/api/runs/${run}/console?after=${from}`).then(({ data, problem }) => {
      if (!wanted) return;
      say(problem?.message ?? null);
      if (data === undefined || after.current !== from) return;
      after.current = data.total;
      setLines((old) => [...old, ...data.lines]);
    });
    return () => {
      wanted = false;
    };
  }, [run, version]);
  return { lines, said };
}

/** What the run printed; follows its end while it runs. */
export function ConsolePart({ run, version }: { run: RunDetail; version: number | undefined }) {
  const { lines, said } = useConsole(run.id, version);
  const box = useRef<HTMLPreElement>(null);
  const shown = lines.slice(-MOST_SHOWN);
  useEffect(() => {
    const pre = box.current;
    if (pre !== null && run.status === 'RUNNING') pre.scrollTop = pre.scrollHeight;
  }, [lines]);
  if (said !== null) return <p class="notice">{said}</p>;
  if (lines.length === 0) return null;
  return (
    <section aria-labelledby="console">
      <header>
        <h2 id="console">Console</h2>
        <span class="muted">
          {lines.length.toLocaleString('en')} lines
          {shown.length < lines.length && `, the last ${shown.length.toLocaleString('en')} shown`}
        </span>
      </header>
      <pre ref={box} class="console" tabIndex={0} aria-label="What the run printed">
        {shown.map(({ at, stream, text }, index) => (
          <span key={index} class={stream} title={new Date(at).toISOString()}>
            {text}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  );
}

const DIFF = 'git/uncommitted.diff';

function lineClass(line: string): string {
  if (line.startsWith('diff ') || line.startsWith('+++') || line.startsWith('---')) return 'file';
  if (line.startsWith('@@')) return 'hunk';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}

/** What differed from the commit when the run began. */
export function DiffPart({ run }: { run: RunDetail }) {
  const [text, setText] = useState<string | null>(null);
  const has = run.artifacts.some(({ path }) => path === DIFF);
  useEffect(() => {
    if (!has) return;
    void fetch(`/api/runs/${run.id}/artifacts/${DIFF}`)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
      .then(setText, () => setText(''));
  }, [run.id, has]);
  if (!has || text === null) return null;
  const lines = text.split('\n');
  return (
    <section aria-labelledby="diff">
      <header>
        <h2 id="diff">Uncommitted changes</h2>
        <span class="muted">on top of {run.git?.commit.slice(0, 7) ?? 'the commit'}</span>
      </header>
      {text === '' ? (
        <p class="notice">The file of the changes could not be read.</p>
      ) : (
        <pre class="console diff" tabIndex={0} aria-label="Changes against the commit">
          {lines.slice(0, MOST_SHOWN).map((line, index) => (
            <span key={index} class={lineClass(line)}>
              {line}
              {'\n'}
            </span>
          ))}
          {lines.length > MOST_SHOWN && `… ${lines.length - MOST_SHOWN} more lines: download ${DIFF}`}
        </pre>
      )}
    </section>
  );
}
