import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from './dataset.ts';
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

  it.each([
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
  ])('refuses a descriptor with %s', async (_, text, message) => {
    const path = join(temporaryFolder(), 'mine.json');
    writeFileSync(path, text);
    await expect(loadDataset(path, { home: temporaryFolder() })).rejects.toThrow(message);
  });

  it('names a descriptor that is not there', async () => {
    await expect(loadDataset('/nowhere/mine.json', { home: temporaryFolder() })).rejects.toThrow(
      '/nowhere/mine.json: no such file',
    );
  });
});
