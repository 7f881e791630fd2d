import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findNodeHeaders, hasHeadersFor, npmCommand } from './node-headers.mjs';

function headersFor(modules: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-headers-'));
  mkdirSync(join(folder, 'include', 'node'), { recursive: true });
  writeFileSync(
    join(folder, 'include', 'node', 'node_version.h'),
    `#define NODE_MODULE_VERSION ${modules}\n`,
  );
  return folder;
}

it('takes headers of this Node and no others', () => {
  expect(hasHeadersFor(headersFor(process.versions.modules))).toBe(true);
  expect(hasHeadersFor(headersFor('1'))).toBe(false);
  expect(hasHeadersFor(join(tmpdir(), 'nowhere'))).toBe(false);
});

it("prefers npm's own setting, where its headers fit", async () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'atelier-headers-'));
  const fitting = headersFor(process.versions.modules);
  const environment = (npm_config_nodedir: string) => ({ npm_config_nodedir });
  expect((await findNodeHeaders({ cacheFolder, environment: environment(fitting) })).nodedir).toBe(fitting);
  const other = headersFor('1');
  const found = await findNodeHeaders({ cacheFolder, environment: environment(other) });
  expect(found.nodedir).not.toBe(other);
  expect(hasHeadersFor(found.nodedir)).toBe(true);
});

it('starts the npm that started us', () => {
  expect(npmCommand({ npm_execpath: '/some/npm-cli.js' })).toEqual([process.execPath, '/some/npm-cli.js']);
  expect(npmCommand({})).toEqual(['npm']);
});
