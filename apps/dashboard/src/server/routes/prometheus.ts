import { readdirSync } from 'node:fs';
import { connectionCount, openSweeps, type Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { RunState } from '../../api/schema.ts';

function family(
  name: string,
  kind: 'gauge' | 'counter',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join('\n');
}

function trialCounts(tracker: Tracker): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sweep of openSweeps(tracker).list()) {
    for (const [state, count] of Object.entries(sweep.counts))
      counts.set(state, (counts.get(state) ?? 0) + count);
  }
  return counts;
}

/** Open files of this process; none where the system has no such list. */
function openFiles(): number[] {
  try {
    // one of them is the list itself
    return [readdirSync('/proc/self/fd').length - 1];
  } catch {
    return [];
  }
}

/** GET /metrics: what Prometheus reads, in its text format 0.0.4. @param served how many requests were answered. */
export function prometheusRoutes(tracker: Tracker, served: () => number) {
  return new Hono().get('/', (context) => {
    const runs = RunState.options.map((status) => {
      const { total = 0 } = tracker.queryRuns({
        filter: `status = ${status}`,
        limit: 1,
        metrics: [],
        count: true,
      });
      return [`{status="${status}"}`, total] as const;
    });
    const trials = [...trialCounts(tracker)].map(([state, count]) => [`{state="${state}"}`, count] as const);
    const text = [
      family('atelier_runs', 'gauge', 'Runs by status, without the archive.', runs),
      family('atelier_sweep_trials', 'gauge', 'Trials of all sweeps by state.', trials),
      family('atelier_http_requests_total', 'counter', 'Requests answered since the start.', [
        ['', served()],
      ]),
      family('process_resident_memory_bytes', 'gauge', 'Resident memory of this server.', [
        ['', process.memoryUsage.rss()],
      ]),
      family(
        'atelier_database_connections_total',
        'counter',
        'Connections to the database opened since the start.',
        [['', connectionCount()]],
      ),
      ...openFiles().map((count) =>
        family('process_open_fds', 'gauge', 'Open files of this server.', [['', count]]),
      ),
      family('process_start_time_seconds', 'gauge', 'Start of this server, Unix time.', [
        ['', Math.round(Date.now() / 1000 - process.uptime())],
      ]),
    ].join('\n');
    return context.text(`${text}\n`, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}
