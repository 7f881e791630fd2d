import './records.css';
import { useState } from 'preact/hooks';
import type { Diff as DiffText } from '../../api/records.ts';
import type { RunDetail } from '../../api/schema.ts';
import { useAnswer } from '../shell/api.ts';

const PATH = 'git/uncommitted.diff';

function kindOf(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return 'file';
  if (line.startsWith('@@')) return 'place';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}

/** The code's difference from its commit when the run started; read when it is opened. */
export function Diff({ run }: { run: RunDetail }) {
  const [open, setOpen] = useState(false);
  const { data, problem } = useAnswer<DiffText>(open ? `/api/runs/${run.id}/diff` : null, 0);
  const artifact = run.artifacts.find(({ path }) => path === PATH);
  if (artifact === undefined) return null;
  return (
    <section aria-labelledby="diff">
      <h2 id="diff">Uncommitted changes</h2>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>What differed from commit {run.git?.commit.slice(0, 7) ?? '?'}</summary>
        {problem && <p class="notice">{problem.message}</p>}
        {data && (
          <pre class="diff" tabIndex={0} aria-label="Uncommitted changes">
            {data.text.split('\n').map((line, at) => (
              <div key={at} class={kindOf(line)}>
                {line}
              </div>
            ))}
          </pre>
        )}
        {data?.cut && <p class="muted">This is the beginning; the artifact {PATH} holds all of it.</p>}
      </details>
    </section>
  );
}
