import { createHash } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset, loadNamedDataset } from './dataset.ts';
import { countLeaked, datasetNotes } from './dataset-notes.ts';
import { fetchDataset } from './fetch.ts';
import { SHIRTS, idx, pixels, shirtsFolder, temporaryFolder } from '../test/fixture.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error: Error) => error,
  );
}

describe('fetchDataset', () => {
  it('installs from the folder of a descriptor; afterwards the name is enough', async () => {
    const home = temporaryFolder();
    const first = await fetchDataset(shirtsFolder().descriptor, { home });
    expect(first).toMatchObject({ fetched: true, source: 'the folder of the descriptor' });
    const { train, test } = await loadDataset('shirts', { home });
    expect([train.count, test.count, train.height, train.width]).toEqual([20, 6, 4, 3]);
    expect([...train.images]).toEqual([...pixels(240)]);
    expect(await fetchDataset('shirts', { home })).toMatchObject({ fetched: false });
  });

  it('reads images with three channels, and tables', async () => {
    const home = temporaryFolder();
    const colour = shirtsFolder({
      files: {
        'train-images.gz': gzipSync(idx([20, 4, 3, 3], pixels(720))),
        'test-images': idx([6, 4, 3, 3], pixels(216)),
      },
      descriptor: { image: { height: 4, width: 3, channels: 3 } },
    });
    expect((await fetchDataset(colour.descriptor, { home })).dataset.train.images).toHaveLength(720);

    const rows = Array.from({ length: 8 }, (_, i) => [
      i % 2,
      ...Array.from({ length: 12 }, (__, p) => (i * 12 + p) % 256),
    ]);
    const table = Buffer.from(rows.map((row) => row.join(',')).join('\n'));
    const csv = shirtsFolder({
      files: { 'train.csv': table, 'test.csv.gz': gzipSync(table) },
      descriptor: {
        name: 'table',
        format: 'csv',
        files: { train: { table: 'train.csv' }, test: { table: 'test.csv' } },
      },
    });
    const { dataset } = await fetchDataset(csv.descriptor, { home });
    expect([...dataset.test.images]).toEqual(Array.from({ length: 96 }, (_, i) => i));
  });

  it('downloads from a server, and says why each other source had nothing', async () => {
    const { folder } = shirtsFolder();
    const names = ['train-images', 'train-labels', 'test-images', 'test-labels'];
    const content = (name: string): Uint8Array =>
      existsSync(join(folder, `${name}.gz`))
        ? readFileSync(join(folder, `${name}.gz`))
        : gzipSync(readFileSync(join(folder, name)));
    const server = createServer((request, response) => {
      const name = names.find((known) => request.url === `/${known}.gz`);
      response.writeHead(name ? 200 : 404).end(name && content(name));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const elsewhere = shirtsFolder({ descriptor: { sources: { urls: [`${url}missing/`, url] } } });
    for (const name of ['train-labels', 'test-images']) rmSync(join(elsewhere.folder, name));
    const failures: string[] = [];
    const home = temporaryFolder();
    try {
      const report = await fetchDataset(elsewhere.descriptor, {
        home,
        onEvent: (event) => event.type === 'failed' && failures.push(event.reason),
      });
      expect(report.source).toContain('127.0.0.1');
      expect(failures).toEqual([
        expect.stringContaining('no such folder'),
        expect.stringContaining('has no train-labels, test-images'),
        expect.stringContaining('/missing/train-images.gz: HTTP 404'),
      ]);
    } finally {
      server.close();
    }
    expect(readdirSync(join(home, 'datasets'))).toEqual(['shirts']);
  });

  it('lists every source when none has the files, and leaves nothing behind', async () => {
    const { folder, descriptor } = shirtsFolder();
    rmSync(join(folder, 'test-images'));
    const home = temporaryFolder();
    const error = await failure(fetchDataset(descriptor, { home, offline: true }));
    expect(error).toMatchObject({ code: 'DATA_UNAVAILABLE' });
    expect(error.message).toMatch(/the folder of the descriptor: .* has no test-images \(raw or .gz\)/);
    expect(readdirSync(join(home, 'datasets'))).toEqual([]);
  });

  const labels = idx(
    [20],
    Uint8Array.from({ length: 20 }, (_, i) => i % 2),
  );
  it.each([
    [
      'a truncated gzip file',
      { 'train-images.gz': gzipSync(idx([20, 4, 3], pixels(240))).subarray(0, 60) },
      /train-images.gz: the gzip file is truncated/,
    ],
    [
      'a corrupt gzip file',
      { 'train-images.gz': Buffer.concat([gzipSync(pixels(99)).subarray(0, 20), pixels(50)]) },
      /train-images.gz: the gzip file is (corrupt|truncated)/,
    ],
    [
      'images where labels should be',
      { 'train-labels': idx([20, 4, 3], pixels(240)) },
      /train-labels: wrong magic number/,
    ],
    [
      'a label out of range',
      {
        'train-labels': idx(
          [20],
          Uint8Array.from({ length: 20 }, (_, i) => (i === 7 ? 2 : 0)),
        ),
      },
      /train-labels: label 2 at index 7, expected 0 to 1/,
    ],
    [
      'more labels than images',
      { 'train-labels': idx([21], new Uint8Array(21)) },
      /train-labels: 21 labels for the 20 images of .*train-images.gz/,
    ],
    [
      'images of another size',
      { 'test-images': idx([6, 3, 4], pixels(72)) },
      /images of 3 x 4 x 1, but shirts has 4 x 3 x 1/,
    ],
    [
      'no images',
      { 'test-images': idx([0, 4, 3], pixels(0)), 'test-labels.gz': gzipSync(idx([0], pixels(0))) },
      /no images/,
    ],
  ])('refuses %s, naming the file', async (_, files, message) => {
    const home = temporaryFolder();
    const error = await failure(
      fetchDataset('shirts', { home, from: shirtsFolder({ files }).folder }).catch(async () => {
        // the name is unknown in an empty home: go by the descriptor
        const { folder, descriptor } = shirtsFolder({ files });
        return fetchDataset(descriptor, { home, from: folder });
      }),
    );
    expect(error.message).toMatch(message);
    expect(readdirSync(join(home, 'datasets'))).toEqual([]);
  });

  it('checks the published SHA-256, and knows a file under a wrong name', async () => {
    const descriptor = {
      sha256: { 'train-labels': sha256(labels), 'test-images': sha256(idx([6, 4, 3], pixels(72))) },
    };
    const good = shirtsFolder({ descriptor });
    await fetchDataset(good.descriptor, { home: temporaryFolder() });
    const swapped = shirtsFolder({ descriptor, files: { 'test-images': labels } });
    const error = await failure(
      fetchDataset(swapped.descriptor, { home: temporaryFolder(), from: swapped.folder }),
    );
    expect(error).toMatchObject({ code: 'DATA_CHECKSUM', actual: sha256(labels) });
    expect(error.message).toMatch(/test-images: wrong content, it is train-labels under another name/);
  });

  it('replaces files in ATELIER_HOME that were damaged', async () => {
    const home = temporaryFolder();
    const { descriptor } = shirtsFolder();
    await fetchDataset(descriptor, { home });
    truncateSync(join(home, 'datasets', 'shirts', 'train-labels'), 10);
    await expect(loadDataset('shirts', { home })).rejects.toThrow(/train-labels: truncated/);
    expect(await fetchDataset(descriptor, { home })).toMatchObject({ fetched: true });
    expect((await loadDataset('shirts', { home })).train.count).toBe(20);
  });

  it('stops when asked to, and leaves nothing behind', async () => {
    const home = temporaryFolder();
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(fetchDataset(shirtsFolder().descriptor, { home, signal })).rejects.toThrow('interrupted');
    expect(readdirSync(join(home, 'datasets'))).toEqual([]);
  });
});

describe('names', () => {
  it('gives the nearest for a misspelt one', async () => {
    const error = await failure(loadDataset('fashion-mnst', { home: temporaryFolder() }));
    expect(error).toMatchObject({ code: 'DATASET_UNKNOWN', usage: true });
    expect(error.message).toContain('Did you mean "fashion-mnist"?');
  });

  it('says how to get what was not fetched', async () => {
    await expect(loadDataset('fashion-mnist', { home: temporaryFolder() })).rejects.toThrow(
      /npx nx run data:fetch --dataset=fashion-mnist/,
    );
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['no JSON', '{', /no readable JSON/],
    [
      'the name of a built-in dataset',
      JSON.stringify({ ...SHIRTS, name: 'fashion-mnist' }),
      /name: "fashion-mnist" is a built-in dataset/,
    ],
    [
      'a misspelt file name under sha256',
      JSON.stringify({ ...SHIRTS, sha256: { 'train-image': 'a'.repeat(64) } }),
      /sha256: "train-image" is no file of this dataset; the nearest is "train-images"/,
    ],
    ['an unknown key', JSON.stringify({ name: 'x', clases: [] }), /not a dataset descriptor/],
    [
      'two classes of one name',
      JSON.stringify({ ...SHIRTS, classes: ['shoe', ' shoe ', 'bag'] }),
      /classes: "shoe" is there twice; every class needs a name of its own/,
    ],
    [
      'one accent in two forms',
      JSON.stringify({ ...SHIRTS, classes: ['caf\u00e9', 'cafe\u0301'] }),
      /classes: "caf\u00e9" is there twice/,
    ],
    ['an empty class name', JSON.stringify({ ...SHIRTS, classes: ['a', ' '] }), /classes.1: expected a name/],
    ['a name of two lines', JSON.stringify({ ...SHIRTS, title: 'a\nb' }), /title: a name of one line/],
    [
      'an escape code',
      JSON.stringify({ ...SHIRTS, classes: ['a', '\u001b[2J'] }),
      /classes.1: a name of one line/,
    ],
    [
      'text that runs backwards',
      JSON.stringify({ ...SHIRTS, title: 'a\u202eb' }),
      /title: a name of one line/,
    ],
    ['an endless name', JSON.stringify({ ...SHIRTS, title: 'a'.repeat(201) }), /title: .*at most 200/],
    ['a name that is a path', JSON.stringify({ ...SHIRTS, name: '../x' }), /name: lower-case letters/],
    ...['../train-images', '/etc/passwd', '..', '.hidden', '-oX', 'a\\b', 'descriptor.json', 'x.gz'].map(
      (images) =>
        [
          `a file ${images}`,
          JSON.stringify({
            ...SHIRTS,
            files: { ...SHIRTS.files, train: { ...SHIRTS.files.train, images } },
          }),
          /files.train.images: /,
        ] as const,
    ),
    [
      'one file for train and test',
      JSON.stringify({ ...SHIRTS, files: { train: SHIRTS.files.train, test: SHIRTS.files.train } }),
      /files: "train-images" is named twice. Where there are no test files, leave "test" away/,
    ],
    [
      'test files and a share for them',
      JSON.stringify({ ...SHIRTS, testShare: 0.5 }),
      /testShare: it is for datasets without test files/,
    ],
    ...['-oDir::Bin::dpkg=/tmp/x', '--download', 'hello=1.0', 'a b', 'a/sid', 'x'].map(
      (name) =>
        [
          `a package ${name}`,
          JSON.stringify({ ...SHIRTS, sources: { debianPackage: { name, folder: '/usr/share/x' } } }),
          /sources.debianPackage.name: the name of a Debian package/,
        ] as const,
    ),
    ...['/etc', '/usr/share/../../etc', '../x', '/usr/share/..', '/usr/share/a/..', '/usr/share/./a'].map(
      (folder) =>
        [
          `a package's folder ${folder}`,
          JSON.stringify({ ...SHIRTS, sources: { debianPackage: { name: 'hello', folder } } }),
          /sources.debianPackage.folder: a folder of the package/,
        ] as const,
    ),
    [
      'a source that is no web address',
      JSON.stringify({ ...SHIRTS, sources: { urls: ['file:///etc/'] } }),
      /sources.urls.0: /,
    ],
  ];
  it.each(refused)('refuses a descriptor with %s', async (_, text, message) => {
    const path = join(temporaryFolder(), 'mine.json');
    writeFileSync(path, text);
    await expect(loadDataset(path, { home: temporaryFolder() })).rejects.toThrow(message);
  });

  it('names a descriptor that is not there', async () => {
    await expect(loadDataset('/nowhere/mine.json', { home: temporaryFolder() })).rejects.toThrow(
      '/nowhere/mine.json: no such file',
    );
  });

  it('reads a descriptor with a byte-order mark, and a SHA-256 in capitals', async () => {
    const labels = readFileSync(join(shirtsFolder().folder, 'train-labels'));
    const { folder, descriptor } = shirtsFolder({
      descriptor: { sha256: { 'train-labels': sha256(labels).toUpperCase() } },
    });
    writeFileSync(descriptor, `\ufeff${readFileSync(descriptor, 'utf8')}`);
    const { dataset } = await fetchDataset(descriptor, { home: temporaryFolder(), from: folder });
    expect(dataset.train.count).toBe(20);
  });

  it('refuses a descriptor in the folder of another dataset', async () => {
    const home = temporaryFolder();
    await fetchDataset(shirtsFolder().descriptor, { home });
    renameSync(join(home, 'datasets/shirts'), join(home, 'datasets/trousers'));
    await expect(loadDataset('trousers', { home })).rejects.toThrow(
      /name: "shirts", but it lies in the folder of "trousers"/,
    );
  });
});

describe('files of a stranger', () => {
  it.each(['file', 'folder'])('are not read where a link to a %s leads out of their folder', async (kind) => {
    const outside = temporaryFolder();
    const { folder, descriptor } = shirtsFolder();
    rmSync(join(folder, 'train-labels'));
    renameSync(join(folder, 'test-images'), join(outside, 'secret'));
    symlinkSync(kind === 'file' ? join(outside, 'secret') : outside, join(folder, 'train-labels'));
    writeFileSync(join(folder, 'test-images'), 'x');
    const error = await failure(fetchDataset(descriptor, { home: temporaryFolder(), from: folder }));
    expect(error.message).toMatch(/train-labels: a link to .*, outside its folder/);
  });

  it('are read where a link stays in their folder', async () => {
    const { folder, descriptor } = shirtsFolder();
    renameSync(join(folder, 'train-labels'), join(folder, 'labels-1'));
    symlinkSync('labels-1', join(folder, 'train-labels'));
    const { dataset } = await fetchDataset(descriptor, { home: temporaryFolder(), from: folder });
    expect(dataset.train.count).toBe(20);
  });

  it('do not inflate to a thousand times their size', async () => {
    const bomb = gzipSync(new Uint8Array(2 ** 27), { level: 9 });
    const { folder, descriptor } = shirtsFolder({ files: { 'train-images.gz': bomb } });
    const error = await failure(fetchDataset(descriptor, { home: temporaryFolder(), from: folder }));
    expect(error.message).toMatch(/train-images.gz: the gzip file of \d+ bytes grows beyond 64 MiB/);
  });
});

describe('a name out of a record', () => {
  it('is no path, even of a descriptor that is there', async () => {
    const home = temporaryFolder();
    const { descriptor } = shirtsFolder();
    await fetchDataset(descriptor, { home });
    expect((await loadNamedDataset('shirts', { home })).train.count).toBe(20);
    for (const path of [descriptor, '../datasets/shirts', '/etc/x.json', ''])
      await expect(loadNamedDataset(path, { home })).rejects.toMatchObject({ code: 'DATASET_UNKNOWN' });
  });
});

describe('a dataset without test files', () => {
  const { train } = SHIRTS.files;

  it('sets a stratified share of its images apart, always the same, and says so', async () => {
    const counts: unknown[] = [];
    for (const testShare of [undefined, 0.5]) {
      const { descriptor } = shirtsFolder({ descriptor: { files: { train }, testShare } });
      const { dataset } = await fetchDataset(descriptor, { home: temporaryFolder() });
      counts.push([dataset.train.count, dataset.test.count, dataset.test.labels.filter(Boolean).length]);
      expect(datasetNotes(dataset)[0]).toMatch(
        /^shirts has no test files: \d+ of its 20 images are set apart/,
      );
      const again = await fetchDataset(descriptor, { home: temporaryFolder() });
      expect(again.dataset.test.images).toEqual(dataset.test.images);
      expect(countLeaked(dataset)).toBe(0);
    }
    expect(counts).toEqual([
      [16, 4, 2],
      [10, 10, 5],
    ]);
  });

  it('is told from one whose test images are its training images', async () => {
    const images = gzipSync(idx([6, 4, 3], pixels(240).subarray(36, 108)));
    const { folder, descriptor } = shirtsFolder({ files: { 'test-images.gz': images } });
    rmSync(join(folder, 'test-images'));
    const { dataset } = await fetchDataset(descriptor, { home: temporaryFolder() });
    expect(datasetNotes(dataset)).toEqual([
      expect.stringMatching(/^6 of the 6 test images are training images too/),
    ]);
  });
});

describe('advice', () => {
  const table = { format: 'csv', files: { train: { table: 'train.csv' }, test: { table: 'test.csv' } } };

  it('after a bad row names the dataset, and does not send for files that are there', async () => {
    const files = { 'train.csv': Buffer.from('x\n'), 'test.csv': Buffer.from('x\n') };
    const { descriptor } = shirtsFolder({ files, descriptor: table });
    const error = await failure(fetchDataset(descriptor, { home: temporaryFolder() }));
    expect(error.message.split('\n').at(-1)).toBe(
      `Mend the file that is named above, then run: npx nx run data:fetch --dataset=${descriptor}`,
    );
  });

  it('after no dataset was named tells of the descriptor that lies there', async () => {
    const { folder, descriptor } = shirtsFolder();
    const error = await failure(fetchDataset('fashion-mnist', { home: temporaryFolder(), from: folder }));
    expect(error.message).toMatch(`; it has a descriptor: give --dataset=${descriptor}`);
  });

  it('after missing files names the dataset too', async () => {
    const { descriptor } = shirtsFolder({ descriptor: table });
    const error = await failure(fetchDataset(descriptor, { home: temporaryFolder() }));
    expect(error.message).toMatch(
      /Get train.csv, test.csv .* --dataset=.*descriptor.json --from=<that folder>$/,
    );
  });
});
