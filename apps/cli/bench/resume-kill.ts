/**
 * kill -9 of trainings at random moments: each goes on from its checkpoint until it is finished, and its weights must be
 * those of a training that nobody killed, by SHA-256.
 *
 *   npx tsx apps/cli/bench/resume-kill.ts [--kills=20] [--threads=1,2] [--engine=onednn] [--seed=1] [--short] [--json]
 *
 * Without --short: `quick-cnn` on 5,000 images of Fashion-MNIST, one epoch of validation each; with it, the cpu engine on images
 * that are drawn. Half of the kills are of a sweep with one trial.
 */
import { randomStream } from '@atelier/data';
import { openTracker } from '@atelier/tracker';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { ENTRY } from '../src/terminal/entry.ts';
import { atelierHome } from '../src/terminal/home.ts';

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    engine: { type: 'string' },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(flags.kills ?? (flags.short ? 2 : 20));
const engine = flags.engine ?? (flags.short ? 'cpu' : 'onednn');
const threadCounts = flags.short ? [1] : flags.threads.split(',').map(Number);
const random = randomStream(Number(flags.seed), 'kill');
const home = mkdtempSync(join(tmpdir(), 'atelier-resume-kill-'));
for (const shared of flags.short ? [] : ['datasets', 'native'])
  if (existsSync(join(atelierHome(), shared))) symlinkSync(join(atelierHome(), shared), join(home, shared));

const data = flags.short
  ? [
      `--dataset=${await writeTinyDataset(home)}`,
      '--validation=30',
      '--batch-size=20',
      '--set=model.filters=[4]',
      '--set=model.blockDropout=[0.2]',
    ]
  : ['--validation=55000', '--batch-size=64'];
const common = [
  '--recipe=quick-cnn',
  ...data,
  `--engine=${engine}`,
  `--epochs=${flags.short ? 12 : 8}`,
  '--set=checkpointSteps=7',
  '--quiet',
];
const schedule = ['--set=schedule.kind=one-cycle', '--set=earlyStopping.patience=50'];

function command(args: readonly string[]) {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    ...{ env: { ...process.env, ATELIER_HOME: home }, detached: true },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-2000)));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const kill = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  return { ended, kill, said: () => said };
}

/** Runs a command to its end; returns how long that took. */
async function run(args: readonly string[]): Promise<number> {
  const since = performance.now();
  const child = command(args);
  const code = await child.ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${child.said()}`);
  return performance.now() - since;
}

/** The newest run, and the SHA-256 of its weights where it is finished. */
function newest(): { id: number; status: string; digest: string | undefined } {
  using tracker = openTracker({ home, readonly: true });
  const [run] = tracker.listRuns({ limit: 1 });
  if (run === undefined) return { id: 0, status: 'NONE', digest: undefined };
  const digest =
    run.status === 'FINISHED' &&
    tracker.getRun(run.id).artifacts.some(({ path }) => path === 'model/weights.bin')
      ? createHash('sha256').update(tracker.readArtifact(run.id, 'model/weights.bin')).digest('hex')
      : undefined;
  return { id: run.id, status: run.status, digest };
}

const hasCheckpoint = (id: number): boolean =>
  existsSync(join(home, 'checkpoints', `run-${id}`, 'last.ckpt'));

interface Killed {
  readonly threads: number;
  readonly kind: 'run' | 'sweep';
  readonly resumed: number;
  readonly equal: boolean;
}

/** Starts, kills, and goes on until the end; the kill that comes too late counts as none. */
async function killAndGoOn(kind: Killed['kind'], start: readonly string[], time: number, name: string) {
  let args = start;
  let resumed = 0;
  for (let turn = 0; turn < 2; turn++) {
    const child = command(args);
    await Promise.race([child.ended, setTimeout(time * (0.2 + 0.7 * random.uniform()))]);
    child.kill();
    await child.ended;
    const { id, status } = newest();
    if (status === 'FINISHED' && turn > 0) break;
    if (kind === 'sweep') {
      if (hasCheckpoint(id)) resumed++;
      args = ['sweep', 'resume', name, '--quiet'];
    } else if (hasCheckpoint(id)) {
      resumed++;
      args = ['resume', String(id), '--quiet'];
    }
  }
  if (newest().status !== 'FINISHED') await run(args);
  return { resumed, digest: newest().digest };
}

const results: Killed[] = [];
try {
  for (const threads of threadCounts) {
    const runArgs = ['run', ...common, ...schedule, `--threads=${threads}`];
    await run(runArgs);
    const time = await run(runArgs);
    const whole = newest().digest;
    const sweepOf = (name: string): string[] => [
      ...['sweep', 'run', ...common, ...schedule, `--threads=${threads}`, '--workers=1', `--name=${name}`],
      ...['--space', 'optimizer.learningRate=0.002', '--sampler=grid', '--lease=2', '--retries=9'],
    ];
    for (let i = 0; i < kills; i++) {
      const kind = i % 2 === 0 ? 'run' : 'sweep';
      const name = `kill-${threads}-${i}`;
      const { resumed, digest } = await killAndGoOn(
        kind,
        kind === 'run' ? runArgs : sweepOf(name),
        time,
        name,
      );
      results.push({ threads, kind, resumed, equal: digest !== undefined && digest === whole });
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
const summary = {
  ...{ engine, kills: results.length, equal: results.filter(({ equal }) => equal).length },
  resumed: results.reduce((sum, { resumed }) => sum + resumed, 0),
};
if (flags.json) process.stdout.write(`${JSON.stringify({ ...summary, results })}\n`);
else
  process.stdout.write(
    `${summary.equal} of ${summary.kills} killed trainings came to the same weights (${summary.resumed} went on from a checkpoint), ${engine}, ${threadCounts.join(' and ')} threads\n`,
  );
if (summary.equal < summary.kills) process.exitCode = 1;
