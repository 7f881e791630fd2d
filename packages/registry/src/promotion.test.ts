import { describe, expect, it } from 'vitest';
import { answers, DIGEST, gate, GATE_TEXT, recordRun } from '../test/registry-home.ts';
import { BETTER, GOOD, makeRegistry, open, promote } from '../test/made-registry.ts';

describe('promoting', () => {
  it('passes what holds, and freezes the evidence', async () => {
    const { registry } = makeRegistry();
    const first = await promote(registry, 1);
    expect(first).toMatchObject({ moved: true, incumbent: undefined });
    expect(first.verdict.predicates.map(({ outcome }) => outcome)).toEqual([
      'not applicable',
      'not applicable',
      ...Array<string>(6).fill('passed'),
    ]);
    const second = await promote(registry, 2);
    expect(second).toMatchObject({ moved: true, overridden: false, incumbent: { version: 1 } });
    expect(second.event).toMatchObject({ kind: 'promoted', version: 2, by: 'ada' });
    expect(registry.models()[0]!.aliases).toEqual({ champion: 2 });
    expect(registry.resolve('fashion@champion')).toMatchObject({ runId: 2, version: { version: 2 } });
  });

  it('is stopped by one class though the whole is better', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    const stopped = await promote(registry, 3);
    expect(stopped).toMatchObject({ moved: false, event: undefined });
    const failed = stopped.verdict.predicates.filter(({ outcome }) => outcome === 'failed');
    expect(failed).toEqual([
      expect.objectContaining({
        predicate: 'class.*.delta.recall.low > -0.05',
        note: 'worst of 4: class.Shirt.delta.recall.low; 1 fail',
      }),
    ]);
    const delta = stopped.evidence.facts['delta'] as { accuracy: { low: number } };
    expect(delta.accuracy.low).toBeGreaterThan(0);
    expect(registry.models()[0]!.aliases).toEqual({ champion: 1 });
  });

  it('can be overridden, by name and with a reason', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    await expect(promote(registry, 3, { override: { reason: ' ' } })).rejects.toThrow(
      /the reason of the override is empty/,
    );
    const forced = await promote(registry, 3, { override: { reason: 'shirts are out of season' } });
    expect(forced).toMatchObject({ moved: true, overridden: true });
    expect(JSON.parse(forced.event!.body)).toMatchObject({
      from: 1,
      override: { reason: 'shirts are out of season' },
      verdict: { passed: false },
    });
    expect(registry.verify().problems).toEqual([]);
  });

  it('does not call a passed promotion overridden', async () => {
    const { registry } = makeRegistry();
    const passed = await promote(registry, 1, { override: { reason: 'to be safe' } });
    expect(passed.overridden).toBe(false);
    expect(JSON.parse(passed.event!.body)).not.toHaveProperty('override');
  });

  it('refuses a first version unless the gate allows one', async () => {
    const { registry } = makeRegistry();
    const strict = gate(GATE_TEXT.replace('firstVersion: allow\n', ''));
    const refused = await promote(registry, 1, { gate: strict });
    expect(refused.moved).toBe(false);
    expect(refused.verdict.predicates[0]).toMatchObject({ predicate: 'firstVersion', outcome: 'failed' });
  });

  it('never moves to a model that does not answer, override or not', async () => {
    const { registry } = makeRegistry();
    const broken = async () => ({ status: 'failed' as const, detail: 'weights.bin: 3 bytes' });
    await expect(promote(registry, 1, { smokeCheck: broken, override: { reason: 'hurry' } })).rejects.toThrow(
      /version 1 of fashion does not answer: weights\.bin: 3 bytes\. The alias was not moved/,
    );
    const untried = async () => ({ status: 'unavailable' as const, detail: 'no TensorFlow.js here' });
    const latencyFree = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - accuracy.low > 0.5\n');
    const held = await promote(registry, 1, { smokeCheck: untried, gate: latencyFree });
    expect(held).toMatchObject({ moved: false, verdict: { passed: false } });
    expect(held.verdict.predicates[0]).toMatchObject({ predicate: 'smoke check', outcome: 'unknown' });
    const forced = await promote(registry, 1, {
      smokeCheck: untried,
      gate: latencyFree,
      override: { reason: 'tried by hand' },
    });
    expect(forced.moved).toBe(true);
    expect(registry.verify().problems).toEqual([]);
  });

  it('does not compare ledgers of different datasets', async () => {
    const { home, registry } = makeRegistry();
    await promote(registry, 1);
    const id = recordRun(home, { name: 'elsewhere', recalls: BETTER, digest: 'e'.repeat(64) });
    const { version } = registry.register(id, { model: 'fashion', by: 'ada' });
    const held = await promote(registry, version.version);
    expect(held.moved).toBe(false);
    expect(held.verdict.predicates[0]).toMatchObject({
      outcome: 'unknown',
      note: expect.stringContaining('was judged on clothes'),
    });
  });

  it('asks for a ledger', async () => {
    const { home, registry } = makeRegistry();
    const id = recordRun(home, { name: 'unjudged', recalls: BETTER, split: 'val' });
    const { version } = registry.register(id, { model: 'fashion', by: 'ada' });
    await expect(promote(registry, version.version)).rejects.toThrow(
      /no prediction ledger of test \(best\); it has: val \(best\)/,
    );
  });

  it('judges only, where asked to', async () => {
    const { registry } = makeRegistry();
    expect(await promote(registry, 1, { dryRun: true })).toMatchObject({
      moved: false,
      verdict: { passed: true },
    });
    expect(registry.models()[0]!.aliases).toEqual({});
    expect(registry.decisions()).toHaveLength(1);
  });

  it('compares with the holder of another alias', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 2);
    const against = gate(`against: champion\n${GATE_TEXT}`);
    expect(await promote(registry, 1, { alias: 'production', gate: against })).toMatchObject({
      moved: false,
      incumbent: { version: 2 },
    });
  });

  it.each(['allow', 'refuse'])(
    'refuses a gate that compares with nobody it names (firstVersion: %s)',
    async (first) => {
      const { registry } = makeRegistry();
      const misspelt = gate(`against: champoin\n${GATE_TEXT.replace('allow', first)}`);
      await expect(promote(registry, 1, { gate: misspelt })).rejects.toThrow(
        /alias "champoin" of fashion, which gates\/champion\.yaml compares with.*fashion has no aliases yet/s,
      );
      await promote(registry, 1);
      await expect(promote(registry, 2, { gate: misspelt })).rejects.toThrow(/Did you mean champion\?/);
      expect(registry.models()[0]!.aliases).toEqual({ champion: 1 });
    },
  );

  it('compares with nobody where a gate names the alias itself and nobody holds it yet', async () => {
    const { registry } = makeRegistry();
    const itself = gate(`against: champion\n${GATE_TEXT}`);
    expect(await promote(registry, 1, { gate: itself })).toMatchObject({ moved: true, incumbent: undefined });
  });

  it('blames the input', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    await expect(promote(registry, 1)).rejects.toThrow(/version 1 of fashion is champion already/);
    await expect(promote(registry, 9)).rejects.toThrow(/no version 9 of fashion\. It has 3, 2, 1\./);
    await expect(promote(registry, 2, { alias: '12' })).rejects.toThrow(/"12" is no alias/);
    await expect(
      promote(registry, 2, { gate: gate('require:\n  - class.Shrit.recall.low > 0\n') }),
    ).rejects.toThrow(/"Shrit".*Did you mean Shirt\?/s);
    expect(() => registry.remove('fashion', 1, { by: 'ada', reason: 'x' })).toThrow(
      /fashion 1 is champion: move the alias first/,
    );
  });

  it('notices that somebody else moved the alias meanwhile', async () => {
    const { home, registry } = makeRegistry();
    await promote(registry, 1);
    const other = open(home);
    const slow = async (...asked: Parameters<typeof answers>) => {
      await promote(other, 2);
      return answers(...asked);
    };
    const third = gate('bootstraps: 200\nrequire:\n  - accuracy.low > 0.5\n');
    await expect(promote(registry, 3, { smokeCheck: slow, gate: third })).rejects.toThrow(
      /moved from 1 to 2 while 3 was judged/,
    );
  });

  it('counts seeds of the same configuration', async () => {
    const { home, registry } = makeRegistry();
    recordRun(home, { name: 'seed-5', recalls: GOOD, seed: 5, learningRate: 0 });
    recordRun(home, { name: 'other-rate', recalls: GOOD, seed: 6, learningRate: 3 });
    expect(registry.seedFamily(1).map(({ seed }) => seed)).toEqual([1, 5]);
    const strict = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - seeds >= 3\n');
    expect((await promote(registry, 1, { gate: strict })).verdict.predicates[0]).toMatchObject({
      outcome: 'failed',
      value: 2,
    });
    recordRun(home, { name: 'seed-8', recalls: GOOD, seed: 8, learningRate: 0 });
    expect(await promote(registry, 1, { gate: strict })).toMatchObject({ moved: true });
    recordRun(home, { name: 'seed-8-again', recalls: BETTER, seed: 8, learningRate: 0 });
    expect(registry.verify().problems).toEqual([]);
  });

  it('counts uses of the test split', async () => {
    const { registry } = makeRegistry();
    const tight = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - testSetUses <= 2\n');
    await promote(registry, 1, { gate: tight });
    expect(await promote(registry, 2, { gate: tight })).toMatchObject({ moved: true });
    expect(await promote(registry, 3, { gate: tight })).toMatchObject({ moved: false });
    expect(await promote(registry, 3, { gate: tight })).toMatchObject({ moved: false });
    expect(registry.decisions()).toHaveLength(4);
    expect(
      registry.countLook({
        datasetDigest: DIGEST,
        split: 'test',
        runA: 3,
        runB: 2,
        command: 'again, the other way round',
      }),
    ).toMatchObject({
      uses: 3,
      looks: 5,
    });
    expect(registry.verify().problems).toEqual([]);
  });
});
