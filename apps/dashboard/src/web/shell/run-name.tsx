import type { RunRow } from '../../api/schema.ts';
import { runColour } from './colour.ts';

export function Swatch({ id }: { id: number }) {
  return <i class="swatch" style={{ backgroundColor: runColour(id) }} aria-hidden="true" />;
}

export function Status({ run }: { run: Pick<RunRow, 'status'> }) {
  return <span class={`status ${run.status.toLowerCase()}`}>{run.status.toLowerCase()}</span>;
}

export function GitCommit({ git }: { git: RunRow['git'] }) {
  if (git === null) return <span class="muted">–</span>;
  return (
    <span title={`${git.branch} ${git.commit}${git.dirty ? ', with uncommitted changes' : ''}`}>
      <code>{git.commit.slice(0, 7)}</code>
      {git.dirty && <span class="dirty"> dirty</span>}
    </span>
  );
}

export function RunLink({ run }: { run: Pick<RunRow, 'id' | 'name'> }) {
  return (
    <>
      <Swatch id={run.id} />
      <a href={`/runs/${run.id}`}>{run.name}</a>
    </>
  );
}
