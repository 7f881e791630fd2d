import { removeFolder } from '@atelier/tracker/testing/home';
import { openTracker } from '@atelier/tracker';
import { writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

const SMALL_MODEL = [
  '--set=model.filters=[4]',
  '--set=model.blockDropout=[0.25]',
  '--set=model.dense=[8]',
  '--set=model.denseDropout=[0]',
];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let home: string;
let descriptor: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-train-'));
  descriptor = await writeTinyDataset(home);
});
afterAll(() => removeFolder(home));

/** Runs `train run` in a process of its own; `interruptAt` sends SIGINT when that text shows up. */
function run(flags: readonly string[], interruptAt?: string, signal?: NodeJS.Signals): Promise<Ended> {
  const data = [`--dataset=${descriptor}`, '--validation=30', '--engine=cpu'];
  return atelier(['run', ...data, ...flags], interruptAt, signal);
}

function atelier(
  args: readonly string[],
  interruptAt?: string,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...process.env, ATELIER_HOME: home },
  });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  const watch = (): void => {
    if (interruptAt === undefined || interrupted || !`${stdout}${stderr}`.includes(interruptAt)) return;
    interrupted = true;
    child.kill(signal);
  };
  child.stdout.on('data', (text: Buffer) => ((stdout += text.toString()), watch()));
  child.stderr.on('data', (text: Buffer) => ((stderr += text.toString()), watch()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const train = (flags: readonly string[], interruptAt?: string, signal?: NodeJS.Signals): Promise<Ended> =>
  run(['--batch-size=20', ...SMALL_MODEL, ...flags], interruptAt, signal);

describe('speedrun', () => {
  const flags = ['--recipe=quick-cnn', '--target=0.2', '--runs=2', '--seed=7', '--json'];
  const small = () => [
    `--dataset=${descriptor}`,
    '--validation=30',
    '--engine=cpu',
    '--batch-size=20',
    ...SMALL_MODEL,
  ];

  it('trains every seed in a process of its own and sums them up', async () => {
    const { code, stdout, stderr } = await atelier(['speedrun', ...flags, ...small(), '--epochs=1']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { runs, accuracy } = JSON.parse(stdout) as {
      runs: { seed: number; accuracy: number; seconds: number; tflop: number }[];
      accuracy: { mean: number };
    };
    expect(runs.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(accuracy.mean).toBeCloseTo((runs[0]!.accuracy + runs[1]!.accuracy) / 2, 10);
    for (const { seconds, tflop } of runs) {
      expect(seconds).toBeGreaterThan(0);
      expect(tflop).toBeGreaterThan(0);
    }
  });

  it.each([
    [['--target=94'], 'expected a number from 0 to 1, got "94"'],
    [['--target=0.9', '--recipe=seed-cnn'], 'earlyStopping: expected null in a speedrun'],
    [['--target=0.95'], 'no recipe "fast-95"; the nearest is'],
    [['--target=0.9', '--recipe=quick-cnn', '--epohcs=1'], "unknown option '--epohcs=1'"],
  ])('refuses %j', async (wrong, message) => {
    const { code, stderr } = await atelier(['speedrun', ...wrong]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('train run', () => {
  it('trains, reports and records', async () => {
    const { code, stdout, stderr } = await train(['--epochs=2', '--json', '--name=first', '--tags=a, b']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const answer = JSON.parse(stdout) as { run: number; status: string; summary: Record<string, number> };
    expect(answer.status).toBe('FINISHED');
    expect(stderr).toContain('epoch 2/2');
    expect(stderr).toContain('weighted avg');

    using tracker = openTracker({ home, readonly: true });
    const run = tracker.getRun(answer.run);
    expect(run).toMatchObject({ name: 'first', status: 'FINISHED', tags: ['a', 'b'], engine: 'cpu' });
    expect(run.config).toMatchObject({ epochs: 2, batchSize: 20, optimizer: { kind: 'adam', beta1: 0.9 } });
    expect(run.metrics['test/accuracy']).toBe(answer.summary['test/accuracy']);
    expect(run.metrics['train/imagesPerSecond']).toBeGreaterThan(0);
    // a working tree with changes adds its difference, which is what it is
    const files = run.artifacts.map(({ path }) => path).filter((path) => !path.startsWith('git/'));
    expect(files.sort()).toEqual(['layers.json', 'model/model.json', 'model/weights.bin']);
    expect(tracker.console(answer.run).some(({ text }) => text.startsWith('epoch 2/2'))).toBe(true);
    const { curves } = tracker.curves(answer.run);
    expect(curves.some(({ key }) => key === 'system/rssMegabytes')).toBe(true);
    expect(curves.find(({ key }) => key === 'val/loss')?.points.map(({ step }) => step)).toEqual([11, 22]);
    expect(tracker.predictions(answer.run, { split: 'test' })?.predicted).toHaveLength(30);
    expect(tracker.predictions(answer.run, { split: 'val' })?.predicted).toHaveLength(30);
  });

  it('ends as KILLED with 130 on Ctrl-C, keeping the model so far', async () => {
    const { code, stdout } = await train(['--epochs=5000', '--name=interrupted'], 'epoch 2/');
    expect(code).toBe(130);
    expect(stdout).toContain('KILLED');
    using tracker = openTracker({ home, readonly: true });
    const id = tracker.findRunId('interrupted');
    const run = tracker.getRun(id);
    expect(run.status).toBe('KILLED');
    expect(run.artifacts.map(({ path }) => path)).toContain('model/weights.bin');
    expect(run.metrics['val/loss']).toBeGreaterThan(0);
    expect(tracker.predictions(id, { split: 'test' })).toBeUndefined();
  });

  it.each([
    ['SIGQUIT', 131],
    ['SIGTERM', 143],
  ] as const)('keeps what it has on %s too, and says how to go on', async (signal, exit) => {
    const { code, stdout } = await train(['--epochs=5000'], 'epoch 2/', signal);
    expect([code, stdout]).toEqual([exit, expect.stringMatching(/go on with: npx atelier resume \d+\n$/)]);
  });

  it('goes on after a closed terminal to the weights and curves of an uninterrupted run', async () => {
    const flags = ['--epochs=16', '--set=optimizer.kind=adamw'];
    const whole = JSON.parse((await train([...flags, '--json'])).stdout) as { run: number };
    const stopped = await train(flags, 'epoch 2/', 'SIGHUP');
    expect(stopped.code).toBe(129);
    const [, id] = /go on with: npx atelier resume (\d+)\n$/.exec(stopped.stdout)!;
    const gone = await atelier(['resume', id!, '--json']);
    expect(gone.stderr).toContain(`goes on from run ${id}`);
    const { run: next } = JSON.parse(gone.stdout) as { run: number };
    using tracker = openTracker({ home, readonly: true });
    const [weights, expected] = [next, whole.run].map((run) =>
      tracker.readArtifact(run, 'model/weights.bin'),
    );
    expect(Buffer.from(weights!).equals(expected!)).toBe(true);
    const stepsOf = (run: number) =>
      tracker
        .curves(run, { keys: ['train/loss', 'val/loss'] })
        .curves.map(({ points }) => points.map(({ step, value }) => [step, value]));
    expect(stepsOf(next)).toEqual(stepsOf(whole.run));
    const { code, stderr } = await atelier(['resume', String(next)]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is finished: nothing is left to do')]);
  }, 240_000);

  it("refuses to go on from a torn checkpoint, another run's, and on other data, saying what differs", async () => {
    const flags = ['--epochs=5000'];
    const [first, other] = [await train(flags, 'epoch 2/'), await train([...flags, '--seed=7'], 'epoch 2/')];
    const [a, b] = [first, other].map(({ stdout }) => /resume (\d+)/.exec(stdout)![1]!);
    const path = (id: string): string => join(home, 'checkpoints', `run-${id}`, 'last.ckpt');
    const refused = async (problem: string): Promise<void> => {
      const { stderr, code } = await atelier(['resume', a!, '--quiet']);
      expect({ stderr, failed: code !== 0 }).toEqual({
        stderr: expect.stringContaining(problem),
        failed: true,
      });
    };
    const bytes = readFileSync(path(a!));
    writeFileSync(path(a!), readFileSync(path(b!)));
    await refused('seed: 7 in the checkpoint, 1 in the run');
    writeFileSync(path(a!), bytes.subarray(0, -100));
    await refused('is cut short or damaged');
    writeFileSync(path(a!), bytes);
    await writeTinyDataset(home, 243);
    await refused('is not what run');
    await writeTinyDataset(home);
  });

  it('goes on to its end, quietly, where whoever read its output has gone', async () => {
    const flags = [`--dataset=${descriptor}`, '--validation=30', '--engine=cpu', '--batch-size=20'];
    const args = [ENTRY, 'run', ...flags, ...SMALL_MODEL, '--epochs=2', '--name=unread'];
    const child = spawn(process.execPath, args, { env: { ...process.env, ATELIER_HOME: home } });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.destroy();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    using tracker = openTracker({ home, readonly: true });
    expect(tracker.getRun(tracker.findRunId('unread'))).toMatchObject({ status: 'FINISHED' });
  });

  it('ends a diverged run as FAILED, naming the step', async () => {
    const flags = [
      '--name=diverged',
      '--set=optimizer={kind: sgd, learningRate: 1e30}',
      '--set=model.batchNorm=false',
    ];
    const { code, stderr } = await train(flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(/the loss is (NaN|Infinity) at step \d+: try a lower learning rate/);
    using tracker = openTracker({ home, readonly: true });
    const run = tracker.getRun(tracker.findRunId('diverged'));
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'TRAINING_DIVERGED' } });
    expect(run.error?.step).toBeGreaterThan(0);
  });

  it('fits the sizes of a recipe to small data, files the run under its data and names it by the recipe', async () => {
    const recipe = join(home, 'huge.yaml');
    writeFileSync(
      recipe,
      'model: { kind: seed-cnn, filters: [4], blockDropout: [0], dense: [], denseDropout: [] }\noptimizer: { kind: adam }\nbatchSize: 4096\nepochs: 1\n',
    );
    const { code, stdout, stderr } = await run([`--recipe=${recipe}`, '--json']);
    expect([code, stderr.includes('batch    16 images')]).toEqual([0, true]);
    using tracker = openTracker({ home, readonly: true });
    const { id, name, project, config } = tracker.getRun((JSON.parse(stdout) as { run: number }).run);
    expect({ name, project, config }).toMatchObject({
      ...{ name: `huge-${id}`, project: 'tiny', config: { batchSize: 16, data: { validation: 30 } } },
    });
  });

  it.each([
    ['--recipe=sed-cnn', 'no recipe "sed-cnn"; the nearest is "seed-cnn"'],
    [
      '--set=optimizer.learningRte=1',
      'no setting "optimizer.learningRte"; the nearest is "optimizer.learningRate"',
    ],
    ['--name=', '--name: expected a text, got ""'],
    ['--epochs=0', 'epochs: expected number to be >=1, got 0'],
    [
      '--validation=1000',
      'a validation split of 1000 images was asked for; tiny has 240 training images in 3 classes',
    ],
  ])('refuses %s', async (flag, message) => {
    const { code, stdout, stderr } = await train(['--name=refused', flag]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    using tracker = openTracker({ home, readonly: true });
    expect(tracker.listRuns().map(({ name }) => name)).not.toContain('refused');
  });
});
