import { compareRuns } from '@atelier/metrics';
import { expect, it, onTestFinished } from 'vitest';
import { gate } from '../test/registry-home.ts';
import { makeHistory, makeRegistry, requestOf } from '../test/made-registry.ts';
import { compareLedgers, compareLedgersAside } from './comparison.ts';
import { EvidenceThread } from './evidence-thread.ts';

function makeThread(): EvidenceThread {
  const thread = new EvidenceThread();
  onTestFinished(() => thread.close());
  return thread;
}

const INPUT = {
  labels: Uint8Array.of(0, 1, 1, 0, 1, 0),
  probabilitiesA: Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.7, 0.3, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8),
  probabilitiesB: Float32Array.of(0.6, 0.4, 0.2, 0.8, 0.3, 0.7, 0.9, 0.1, 0.6, 0.4, 0.7, 0.3),
  classNames: ['cat', 'dog'],
};

it('gives the numbers that this thread would, and lets it go on meanwhile', async () => {
  const thread = makeThread();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  onTestFinished(() => clearInterval(timer));
  const [one, two] = await Promise.all([
    thread.compareRuns({ ...INPUT, seed: 1 }),
    thread.compareRuns({ ...INPUT, seed: 2, bootstraps: 100 }),
  ]);
  expect(turns).toBeGreaterThan(0);
  expect(one).toEqual(compareRuns({ ...INPUT, seed: 1 }));
  expect(two).toEqual(compareRuns({ ...INPUT, seed: 2, bootstraps: 100 }));
});

it('compares ledgers and verifies a history as the registry does', async () => {
  const { home, registry } = await makeHistory();
  const thread = makeThread();
  expect(await thread.verify(home)).toEqual(registry.verify());
  expect(await thread.verify(home, 'f'.repeat(64))).toEqual(registry.verify('f'.repeat(64)));
  const context = {
    tracker: registry.tracker,
    seedFamily: (run: number) => registry.seedFamily(run),
    countLook: () => undefined,
  };
  const request = { a: { runId: 1 }, b: { runId: 2 }, split: 'test', bootstraps: 200 };
  expect(await compareLedgersAside(context, request, thread)).toEqual(compareLedgers(context, request));
  const same = { ...request, b: { runId: 1 } };
  await expect(compareLedgersAside(context, same, thread)).rejects.toThrow('A and B are the same');
});

it('freezes the evidence that promoting without it would, while the event loop goes on', async () => {
  const [made, aside] = [makeRegistry(), makeRegistry()];
  const thread = makeThread();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  onTestFinished(() => clearInterval(timer));
  for (const version of [1, 2]) {
    const expected = await made.registry.promote(requestOf(version));
    const before = turns;
    const promoted = await aside.registry.promote(requestOf(version), thread);
    expect(turns).toBeGreaterThan(before);
    expect(promoted.verdict).toEqual(expected.verdict);
    const { facts, comparison, sentences } = expected.evidence;
    expect(promoted.evidence).toMatchObject({ facts, comparison, sentences });
  }
  expect(aside.registry.verify()).toMatchObject({ recomputed: 2, problems: [] });
  const unknown = { ...requestOf(3), gate: gate('split: val\nrequire:\n  - accuracy.low > 0.5\n') };
  await expect(aside.registry.promote(unknown, thread)).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' });
});

it('hands errors on with their code, and works on after them and after it was closed', async () => {
  const thread = makeThread();
  await expect(thread.compareRuns({ ...INPUT, level: 2 })).rejects.toMatchObject({
    code: 'METRICS_INPUT',
    message: expect.stringContaining('level'),
  });
  await expect(thread.compareRuns({ ...INPUT, datasetA: 'a', datasetB: 'b' })).rejects.toMatchObject({
    name: 'LedgerMismatchError',
    usage: true,
  });
  const cut = thread.compareRuns(INPUT);
  thread.close();
  await expect(cut).rejects.toThrow('was closed');
  expect(await thread.compareRuns(INPUT)).toEqual(compareRuns(INPUT));
});
