import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { artifactFile, openTracker } from '@atelier/tracker';
import { DIGEST, recordRun } from '../test/registry-home.ts';
import { GOOD, makeHistory, makeRegistry, promote } from '../test/made-registry.ts';
import { makeHome } from '@atelier/tracker/testing/home';
import { START } from '@atelier/tracker/testing/home-data';
import { openRegistry } from './registry.ts';

describe('registering', () => {
  it('gives numbers that are never given again', () => {
    const { registry } = makeRegistry();
    registry.remove('fashion', 3, { by: 'ada', reason: 'a mistake' });
    expect(() => registry.version('fashion', 3)).toThrow(
      /version 3 of fashion \(it was deleted on .*It has 2, 1\./,
    );
    expect(registry.register(3, { model: 'fashion', by: 'ada' })).toMatchObject({
      created: true,
      version: { version: 4 },
    });
    expect(registry.register(3, { model: 'fashion', by: 'ada' })).toMatchObject({
      created: false,
      version: { version: 4 },
    });
    expect(registry.models()[0]!.versions.map(({ version }) => version)).toEqual([4, 2, 1]);
    expect(registry.verify().problems).toEqual([]);
  });

  it('keeps the lineage', () => {
    const { registry } = makeRegistry();
    expect(registry.version('fashion', 2)).toMatchObject({
      runId: 2,
      runName: 'run-2',
      checkpoint: 'best',
      datasetDigest: DIGEST,
      files: [{ path: 'model/model.json' }, { path: 'model/weights.bin', size: 64 }],
    });
  });

  it('blames the input', () => {
    const { home, registry } = makeRegistry();
    const by = 'ada';
    expect(() => registry.register(1, { model: 'a@b', by })).toThrow(/"a@b" is no name for a model/);
    expect(() => registry.register(1, { model: 'fashion', by, files: 'weights/' })).toThrow(
      /no artifacts under "weights\/"; it has: model\/model\.json, model\/weights\.bin/,
    );
    expect(() => registry.register(1, { model: 'fashion', by, checkpoint: 'bset' })).toThrow(
      /Did you mean best\?/,
    );
    expect(() => registry.register(77, { model: 'fashion', by })).toThrow(
      expect.objectContaining({ code: 'RUN_UNKNOWN' }),
    );
    expect(() => registry.version('fashoin', 1)).toThrow(/no model "fashoin"\. Did you mean fashion\?/);
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    expect(() => registry.register(run.id, { model: 'fashion', by })).toThrow(/still RUNNING/);
    run.finish();
  });

  it('refuses files that are damaged', () => {
    const { home, registry } = makeRegistry();
    const id = recordRun(home, {
      name: 'damaged',
      recalls: GOOD,
      seed: 7,
      files: { 'model/model.json': Buffer.from('{}7') },
    });
    const [file] = registry.tracker.getRun(id).artifacts;
    writeFileSync(artifactFile(home, file!.sha256), 'other bytes');
    expect(() => registry.register(id, { model: 'fashion', by: 'ada' })).toThrow(/is damaged/);
  });

  it('takes names with slashes, quotes and emoji', () => {
    const { registry } = makeRegistry();
    const model = `shoes/"left" 👟 'x'; DROP TABLE models`;
    expect(registry.register(1, { model, by: 'ada' }).version.version).toBe(1);
    expect(registry.resolve(`${model}@1`).version).toMatchObject({ model, version: 1 });
  });
});

describe('telling versions apart', () => {
  it('names settings, metrics and files that differ', () => {
    const { registry } = makeRegistry();
    const { settings, files, origin } = registry.diff('fashion', 1, 2);
    expect(settings).toEqual([{ name: 'optimizer.learningRate', a: 0, b: 1 }]);
    expect(files.map(({ name }) => name)).toEqual(['model/model.json']);
    expect(origin).toEqual([]);
  });
});

describe('a registry opened for reading', () => {
  it('reads and refuses to write', async () => {
    const { home } = await makeHistory();
    using reader = openRegistry({ home, readonly: true });
    expect(reader.models()[0]!.aliases).toEqual({ champion: 2 });
    expect(reader.verify().problems).toEqual([]);
    expect(() => reader.register(1, { model: 'x', by: 'y' })).toThrow(
      expect.objectContaining({ code: 'TRACKER_ACCESS' }),
    );
    await expect(promote(reader, 1)).rejects.toThrow(expect.objectContaining({ code: 'TRACKER_ACCESS' }));
  });

  it('sees nothing where there is nothing', () => {
    using reader = openRegistry({ home: makeHome(), readonly: true });
    expect([reader.models(), reader.events(), reader.verify().problems]).toEqual([[], [], []]);
  });
});
