import type { Sweep } from '@atelier/tracker';
import { SweepSpec } from '@atelier/train';
import type { Command } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { print, sweepVerb, withSweeps } from './verb.ts';

function rowOf(sweep: Sweep): string[] {
  const { id, name, project, status, counts, createdAt } = sweep;
  const spec = SweepSpec.safeParse(sweep.spec);
  const { COMPLETE = 0, PRUNED = 0, FAILED = 0, QUEUED = 0, RUNNING = 0 } = counts;
  return [
    String(id),
    name,
    project,
    status,
    spec.success ? spec.data.sampler.kind : '',
    String(COMPLETE),
    String(PRUNED),
    String(FAILED),
    String(QUEUED + RUNNING),
    new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
  ];
}

function ls({ json }: { readonly json?: boolean }): void {
  withSweeps((sweeps) => {
    const all = sweeps.list();
    const columns = [
      { title: 'id', align: 'right' },
      { title: 'sweep' },
      { title: 'project' },
      { title: 'status' },
      { title: 'sampler' },
      { title: 'complete', align: 'right' },
      { title: 'pruned', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'to do', align: 'right' },
      { title: 'made' },
    ] as const;
    const text = all.length === 0 ? 'no sweeps yet' : formatTable([...columns], all.map(rowOf));
    print(json, all, text);
  });
}

/** `sweep ls`: all sweeps. */
export function lsCommand(): Command {
  return sweepVerb('ls', 'List all sweeps.', ['ls', 'ls --json']).option('--json', 'print JSON').action(ls);
}
