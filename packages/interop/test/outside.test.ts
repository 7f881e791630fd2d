import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openForWriting, openTracker, type Tracker } from '@atelier/tracker';
import { exportRuns, importRuns, type ExportFormat } from '../src/index.ts';
import { START } from '@atelier/tracker/testing/home-data';
import { makeHome } from '@atelier/tracker/testing/home';

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function opened(home = makeHome()): Tracker {
  const tracker = openTracker({ home });
  onTestFinished(() => tracker.close());
  return tracker;
}

/** A home with one ended run that has `artifacts`, put there past the border where a name is refused at it. */
function recorded(artifacts: readonly string[], start: object = {}): Tracker {
  const tracker = opened();
  const run = tracker.startRun({ ...START, name: 'gift', ...start });
  run.log({ loss: 1 }, { step: 1 });
  run.logArtifact('kept', Buffer.from('theirs\n'), 'text/plain');
  const database = openForWriting(tracker.home);
  const copy = database.prepare(
    'INSERT INTO artifacts SELECT run_id, ?, sha256, size, media_type, created_at FROM artifacts WHERE path = ? AND run_id = ?',
  );
  for (const path of artifacts) copy.run(path, 'kept', run.id);
  database.close();
  run.finish();
  return tracker;
}

/** An MLflow file store with the runs aa01, aa02, aa03; returns the folder of the experiment. */
function mlruns(root: string): string {
  write(join(root, '1/meta.yaml'), "experiment_id: '1'\nname: e\nlifecycle_stage: active\n");
  for (const [at, id] of ['aa01', 'aa02', 'aa03'].entries()) {
    const time = 1_700_000_000_000 + at;
    const meta = `run_id: ${id}\nrun_name: ${id}\nstatus: 3\nstart_time: ${time}\nend_time: ${time}\nlifecycle_stage: active\n`;
    write(join(root, '1', id, 'meta.yaml'), meta);
    write(join(root, '1', id, 'metrics/loss'), `${time} 0.5 1\n`);
  }
  return join(root, '1');
}

const names = (runs: readonly { name: string }[]): string => runs.map(({ name }) => name).join(' ');

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('an artifact named like a path out of its folder', () => {
  it.each(['../../../../mine.txt', '/etc/mine.txt', 'a/../../b', 'C:\\x', 'a\0b'])(
    '%j is not logged, and the run goes on',
    (path) => {
      const warnings: string[] = [];
      using tracker = openTracker({ home: makeHome(), onWarning: ({ message }) => warnings.push(message) });
      const run = tracker.startRun(START);
      run.logArtifact(path, Buffer.from('x'), 'text/plain');
      run.finish();
      expect(tracker.getRun(run.id).artifacts).toEqual([]);
      expect(warnings.join()).toContain('is not stored: its name');
    },
  );

  it.each<ExportFormat>(['mlflow', 'mlflow-files', 'bundle', 'tensorboard'])(
    'is not written by %s',
    async (format) => {
      const tracker = recorded(['../../../../mine.txt', 'ok.txt']);
      const out = makeHome();
      writeFileSync(join(out, 'mine.txt'), 'precious\n');
      const { notes } = await exportRuns(tracker, { format, out: join(out, 'export') });
      expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('precious\n');
      expect(notes[0]).toContain('the artifact "../../../../mine.txt" of run 1 has the part ".."');
      expect(readdirSync(out).sort()).toEqual(['export', 'mine.txt']);
    },
  );

  it('is refused with its run at an import', async () => {
    const home = recorded(['../../mine.txt']).home;
    const target = opened();
    const { imported, refused } = await importRuns(target, { path: home });
    expect(imported).toEqual([]);
    expect(refused).toEqual([{ name: 'gift', reason: 'the artifact "../../mine.txt" has the part ".."' }]);
    expect(target.countRuns()).toBe(0);
  });
});

describe('names that are a file and a folder at once', () => {
  it('are refused where they are logged', () => {
    const warnings: string[] = [];
    using tracker = openTracker({ home: makeHome(), onWarning: ({ message }) => warnings.push(message) });
    const run = tracker.startRun(START);
    for (const path of ['d', 'd/e.txt', 'f/g', 'f', 'fg'])
      run.logArtifact(path, Buffer.from(path), 'text/plain');
    run.finish();
    expect(tracker.getRun(run.id).artifacts.map(({ path }) => path)).toEqual(['d', 'f/g', 'fg']);
    expect(warnings.length).toBe(2);
  });

  it.each<ExportFormat>(['mlflow', 'mlflow-files'])('both come out of an old home by %s', async (format) => {
    const out = join(makeHome(), 'x');
    const { notes } = await exportRuns(recorded(['d', 'd/e.txt']), { format, out });
    const files = filesOf(out).map((file) => file.slice(file.indexOf('/artifacts/') + 11));
    expect(files).toEqual(
      expect.arrayContaining(['kept', 'd', expect.stringMatching(/^[0-9a-f]{8}_d_e\.txt$/)]),
    );
    expect(notes.join()).toContain('1 artifacts have names that are folders too');
  });
});

it('a run name of 90 Chinese characters is cut to what a folder may be called', async () => {
  const out = join(makeHome(), 'tb');
  await exportRuns(recorded([], { name: '靴'.repeat(90) }), { format: 'tensorboard', out });
  expect(readdirSync(join(out, START.project))).toEqual([`1-${'靴'.repeat(50)}`]);
});

it('metric and setting names of many bytes become files', async () => {
  const tracker = opened();
  const run = tracker.startRun({ ...START, config: { ['靴'.repeat(90)]: 1, '../../x': 2 } });
  run.log({ ['靴'.repeat(90)]: 1, '../../../m': 2, 'con/x': 3 }, { step: 1 });
  run.finish();
  const out = join(makeHome(), 'x');
  await exportRuns(tracker, { format: 'mlflow-files', out });
  expect(readdirSync(dirname(out))).toEqual(['x']);
  expect(filesOf(out).filter((file) => file.includes('/metrics/')).length).toBe(3);
});

it('cells that a spreadsheet would run are texts; numbers stay numbers', async () => {
  const tracker = recorded([], {
    name: '=HYPERLINK("http://x","y")',
    notes: '-1+1',
    tags: ['@x'],
    group: '-5',
  });
  const out = join(makeHome(), 'csv');
  await exportRuns(tracker, { format: 'csv', out });
  const text = readFileSync(join(out, 'runs.csv'), 'utf8');
  expect(text).toContain(`,"'=HYPERLINK(""http://x"",""y"")",`);
  expect(text).toContain(`,'-1+1,`);
  expect(text).toContain(',-5,');
});

describe('an MLflow store', () => {
  it('with a line cut off gives the other runs, names that one, and gives it once it is mended', async () => {
    const root = join(makeHome(), 's');
    const file = join(mlruns(root), 'aa02/metrics/loss');
    writeFileSync(file, '1700000000001 0.5 1\n1700000000001');
    const tracker = opened();
    const first = await importRuns(tracker, { path: root });
    expect(names(first.imported)).toBe('aa01 aa03');
    expect(first.points).toBe(2);
    expect(first.refused).toMatchObject([{ name: 'aa02', reason: expect.stringContaining(file) }]);
    truncateSync(file, 20);
    const again = await importRuns(tracker, { path: root });
    expect([names(again.imported), again.skipped.length, again.refused]).toEqual(['aa02', 2, []]);
  });

  it.each([
    ['a meta.yaml that is none', 'aa02/meta.yaml', 'run_id: [\n: x', 'meta.yaml cannot be read'],
    [
      'a time beyond all calendars',
      'aa02/meta.yaml',
      'run_id: aa02\nstatus: 3\nstart_time: 9000000000000000000\n',
      'createdAt',
    ],
    ['a run id that is a path', 'aa02/meta.yaml', 'run_id: ../../x\nstatus: 3\nstart_time: 1\n', 'uuid'],
    ['a value that is none', 'aa02/metrics/loss', '1700000000001 abc 1\n', 'is no metric'],
    [
      'a step beyond numbers',
      'aa02/metrics/loss',
      '1700000000001 1 99999999999999999999\n',
      'a point that is none',
    ],
    ['notes of megabytes', 'aa02/tags/mlflow.note.content', 'x'.repeat(2_000_000), 'notes'],
  ])('with %s gives the others', async (_, file, text, reason) => {
    const root = join(makeHome(), 's');
    write(join(mlruns(root), file), text);
    const { imported, refused } = await importRuns(opened(), { path: root });
    expect(names(imported)).toBe('aa01 aa03');
    expect(refused).toMatchObject([{ reason: expect.stringContaining(reason) }]);
  });

  it.each(['file:///SECRET', '/SECRET', '../secret', 'mlflow-artifacts:/../../secret', '1/aa01/link'])(
    'that says its artifacts are in %s has none of them read',
    async (uri) => {
      const folder = makeHome();
      const secret = join(folder, 'secret');
      write(join(secret, 'id_rsa'), 'private');
      const root = join(folder, 's');
      const run = join(mlruns(root), 'aa01');
      symlinkSync(secret, join(run, 'link'));
      const said = uri.replace('/SECRET', secret);
      write(
        join(run, 'meta.yaml'),
        `${readFileSync(join(run, 'meta.yaml'), 'utf8')}artifact_uri: "${said}"\n`,
      );
      const tracker = opened();
      const { imported, notes } = await importRuns(tracker, { path: root });
      expect(imported.length).toBe(3);
      expect(notes.join()).toContain('1 runs say that their artifacts are not below the store');
      expect(tracker.getRun(1).artifacts.map(({ path }) => path)).not.toContain('id_rsa');
      const allowed = opened();
      await importRuns(allowed, { path: root, artifactFolders: [secret] });
      if (uri !== 'mlflow-artifacts:/../../secret')
        expect(allowed.getRun(1).artifacts.map(({ path }) => path)).toContain('id_rsa');
    },
  );

  it('has no link followed, and nothing read that is no file', async () => {
    const folder = makeHome();
    write(join(folder, 'secret/key'), 'private');
    const root = join(folder, 's');
    const run = join(mlruns(root), 'aa01');
    symlinkSync(join(folder, 'secret'), join(run, 'tags'));
    symlinkSync(join(folder, 'secret'), join(run, 'params'));
    mkdirSync(join(run, 'artifacts'));
    symlinkSync(join(folder, 'secret/key'), join(run, 'artifacts/key'));
    symlinkSync('/proc/self', join(run, 'artifacts/self'));
    symlinkSync('/dev/zero', join(root, '1/aa02/metrics/zero'));
    const tracker = opened();
    expect((await importRuns(tracker, { path: root })).imported.length).toBe(3);
    const { tags, parameters, artifacts } = tracker.getRun(1);
    expect([tags, parameters]).toEqual([[], {}]);
    expect(artifacts.map(({ path }) => path).sort()).toEqual(['.mlflow/run.json', '.mlflow/store.json']);
  });
});

describe('an export of a run that says it came from MLflow', () => {
  it('writes nothing where the record of its origin points', async () => {
    const root = join(makeHome(), 's');
    mlruns(root);
    const source = opened();
    await importRuns(source, { path: root });
    const record = JSON.parse(Buffer.from(source.readArtifact(1, '.mlflow/run.json')).toString());
    const evil = {
      ...record,
      run: { ...record.run, tags: { '../../../../t': 'x' }, params: { '../../../../p': 'x' } },
    };
    const worse = {
      ...record,
      run: { ...record.run, uuid: '../../../u' },
      experiment: { ...record.experiment, id: '../e' },
    };
    const tracker = opened();
    for (const origin of [evil, worse]) {
      const run = tracker.startRun({ ...START, project: 'e' });
      run.logArtifact('.mlflow/run.json', Buffer.from(JSON.stringify(origin)), 'application/json');
      run.finish();
    }
    const out = join(makeHome(), 'deep', 'x');
    await exportRuns(tracker, { format: 'mlflow-files', out });
    expect(readdirSync(dirname(out))).toEqual(['x']);
    expect(readdirSync(join(out, '..', '..'))).toEqual(['deep']);
    expect(existsSync('/t')).toBe(false);
  });
});

describe('a bundle or home of somebody else', () => {
  const spoil: readonly (readonly [string, string, string])[] = [
    ['a time of 9e18', 'UPDATE runs SET created_at = 9000000000000000000', 'createdAt'],
    ['a name of a million letters', 'UPDATE runs SET name = hex(zeroblob(500000))', 'name'],
    ['notes of 50 MB', 'UPDATE runs SET notes = hex(zeroblob(25000000))', 'notes'],
    ['half a block', 'UPDATE curve_chunks SET data = substr(data, 1, 20)', 'are damaged'],
    ['no media type', "UPDATE artifacts SET media_type = 'text/html\r\nX: y'", 'mediaType'],
    [
      'an artifact that names another file',
      "UPDATE artifacts SET sha256 = '../../../etc/passwd'",
      'no SHA-256',
    ],
  ];
  it.each(spoil)('with %s is refused by name, and ends', async (_, sql, reason) => {
    const { home } = recorded([]);
    const database = openForWriting(home);
    for (const name of database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all())
      database.exec(`DROP TRIGGER ${String(name)}`);
    database.exec(sql);
    database.close();
    const { imported, refused } = await importRuns(opened(), { path: home });
    expect(imported).toEqual([]);
    expect(refused).toMatchObject([{ reason: expect.stringContaining(reason) }]);
  });
});
