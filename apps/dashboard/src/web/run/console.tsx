import './records.css';
import { useEffect, useState } from 'preact/hooks';
import type { ConsolePage } from '../../api/records.ts';
import type { RunDetail } from '../../api/schema.ts';
import { ask } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';

type Line = ConsolePage['lines'][number];

/** All lines of a run; only those not yet here are asked for. */
function useLines(id: number, version: number | undefined): readonly Line[] | undefined {
  const [lines, setLines] = useState<readonly Line[]>();
  useEffect(() => {
    let wanted = true;
    const read = async (): Promise<void> => {
      const held = [...(lines ?? [])];
      for (;;) {
        const { data } = await ask<ConsolePage>(`/api/runs/${id}/console?after=${held.length}`);
        if (!wanted || data === undefined) return;
        held.push(...data.lines);
        if (data.lines.length === 0) break;
      }
      setLines(held);
    };
    void read();
    return () => {
      wanted = false;
    };
  }, [id, version]);
  return lines;
}

const LAST = 500;

/** What the run printed: the last lines, or all that hold a text. */
export function Console({ run, version }: { run: RunDetail; version: number | undefined }) {
  const lines = useLines(run.id, version);
  const filter = param('console', '').toLowerCase();
  if (lines === undefined || lines.length === 0) return null;
  const found = filter === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(filter));
  const shown = found.slice(-LAST);
  return (
    <section aria-labelledby="console">
      <header>
        <h2 id="console">Console</h2>
        <input
          type="search"
          aria-label="Only lines with"
          placeholder="only lines with…"
          value={filter}
          onInput={(event) => setParams({ console: event.currentTarget.value })}
        />
        <span class="muted">
          {shown.length < found.length ? `last ${shown.length} of ` : ''}
          {found.length.toLocaleString('en')} lines
        </span>
      </header>
      <pre class="printed" tabIndex={0} aria-label="Console output">
        {shown.map(({ at, stream, text }, index) => (
          <div key={index} class={stream}>
            <time>{new Date(at).toISOString().slice(11, 19)}</time>
            {text}
          </div>
        ))}
      </pre>
    </section>
  );
}
