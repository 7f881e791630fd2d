import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Context, Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../src/index.ts';
import { ANSWERS } from '../src/server/answers.ts';
import { guessBrake } from '../src/server/guess-brake.ts';
import { checkedToken, tokenFile } from '../src/server/token.ts';
import { describedRoutes, openApi } from '../src/server/routes/openapi.ts';
import { addRun, labels, madeDataset, record } from './store.ts';

let home: string;
let tracker: Tracker;
let reader: Tracker;
let app: Hono;
const TOKEN = 'a-token-of-some-length';
const JSON_TYPE = { 'content-type': 'application/json' };
const datasets = () => Promise.resolve(madeDataset(400));

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-security-'));
  tracker = openTracker({ home });
  addRun(tracker, { name: 'first', seed: 1, accuracy: 0.9 }, record({ val: labels(200), test: labels(400) }));
  reader = openTracker({ home, readonly: true });
  app = createApp(reader, datasets, { write: () => tracker });
});

afterAll(() => {
  reader.close();
  tracker.close();
  removeFolder(home);
});

async function codeOf(response: Response | Promise<Response>): Promise<[number, string | undefined]> {
  const answer = await response;
  return [answer.status, ((await answer.json()) as { code?: string }).code];
}

const patch = (headers: Record<string, string>, body = '{"addTags":["x"]}') =>
  codeOf(app.request('http://127.0.0.1:4317/api/runs/1', { method: 'PATCH', headers, body }));

it('answers to its own name only', async () => {
  for (const host of ['evil.example', 'evil.example:4317', '127.0.0.1.evil.example']) {
    expect(await codeOf(app.request('/api/runs/order', { headers: { host } }))).toEqual([
      403,
      'HOST_REFUSED',
    ]);
  }
  expect((await app.request('/api/runs/order', { headers: { host: 'localhost:4317' } })).status).toBe(200);
});

it('takes changes from its own page only', async () => {
  const host = { host: '127.0.0.1:4317' };
  expect(await patch({ ...host, ...JSON_TYPE, origin: 'https://evil.example' })).toEqual([
    403,
    'CROSS_ORIGIN',
  ]);
  expect(await patch({ ...host, ...JSON_TYPE, origin: 'null' })).toEqual([403, 'CROSS_ORIGIN']);
  // what a form of a foreign page can send without being asked
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    expect(await patch({ ...host, 'content-type': type })).toEqual([403, 'CROSS_ORIGIN']);
  }
  expect(tracker.getRun(1).tags).toEqual([]);
  expect((await patch({ ...host, ...JSON_TYPE, origin: 'http://127.0.0.1:4317' }))[0]).toBe(200);
  expect(tracker.getRun(1).tags).toEqual(['x']);
});

it('refuses bodies that are too large, no JSON, or of another shape', async () => {
  const headers = { host: '127.0.0.1:4317', ...JSON_TYPE };
  const large = JSON.stringify({ notes: 'n'.repeat(2_000_000) });
  expect(await patch({ ...headers, 'content-length': String(large.length) }, large)).toEqual([
    413,
    'BODY_TOO_LARGE',
  ]);
  expect(await patch(headers, '{')).toEqual([400, 'REQUEST_INVALID']);
  expect(await patch(headers, '{"status":"FINISHED"}')).toEqual([400, 'REQUEST_INVALID']);
});

it('takes no change where it only reads', async () => {
  const reading = createApp(reader, datasets);
  const request = (path: string, method: string, body: object) =>
    codeOf(reading.request(path, { method, headers: JSON_TYPE, body: JSON.stringify(body) }));
  expect(await request('/api/runs/1', 'PATCH', { addTags: ['y'] })).toEqual([403, 'READ_ONLY']);
  expect(await request('/api/runs/trash', 'POST', { ids: [1] })).toEqual([403, 'READ_ONLY']);
  expect(await request('/api/views', 'PUT', { name: 'v', query: '' })).toEqual([403, 'READ_ONLY']);
  expect(await request('/api/sweeps/1/stop', 'POST', {})).toEqual([403, 'READ_ONLY']);
  expect(await request('/api/sweeps/1/resume', 'POST', {})).toEqual([403, 'READ_ONLY']);
});

it('gives no file but those of a run', async () => {
  for (const path of [
    '../../atelier.db',
    '..%2f..%2fatelier.db',
    '/etc/passwd',
    '%2e%2e/%2e%2e/atelier.db',
  ]) {
    const response = await app.request(`/api/runs/1/artifacts/${path}`);
    expect([400, 404]).toContain(response.status);
    expect(await response.text()).not.toContain('SQLite');
  }
});

it('asks for its token where it has one', async () => {
  const guarded = createApp(reader, datasets, { token: TOKEN, host: '0.0.0.0' });
  expect(await codeOf(guarded.request('/api/runs/order'))).toEqual([401, 'TOKEN_MISSING']);
  expect(await codeOf(guarded.request('/metrics'))).toEqual([401, 'TOKEN_MISSING']);
  expect(await codeOf(guarded.request('/?token=wrong'))).toEqual([401, 'TOKEN_MISSING']);
  expect((await guarded.request('/api/health')).status).toBe(200);
  const bearer = { authorization: `Bearer ${TOKEN}` };
  expect((await guarded.request('/api/runs/order', { headers: bearer })).status).toBe(200);
  const welcome = await guarded.request(`/compare?runs=1,2&token=${TOKEN}`);
  expect([welcome.status, welcome.headers.get('location')]).toEqual([303, '/compare?runs=1%2C2']);
  const foreign = await guarded.request(`http://127.0.0.1//evil.example/x?token=${TOKEN}`);
  expect(foreign.headers.get('location')).toBe('/evil.example/x');
  const cookie = welcome.headers.get('set-cookie')!;
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  const kept = { cookie: cookie.split(';')[0]! };
  expect((await guarded.request('/api/runs/order', { headers: kept })).status).toBe(200);
});

it('names its cookie by the port, and keeps the token out of it', async () => {
  const guarded = createApp(reader, datasets, { token: TOKEN });
  const at = (port: number, path: string, headers: Record<string, string> = {}) =>
    guarded.request(`http://127.0.0.1:${port}${path}`, { headers });
  const cookie = (await at(4317, `/?token=${TOKEN}`)).headers.get('set-cookie')!;
  expect(cookie).toMatch(/^atelier-token-4317=/);
  expect(cookie).not.toContain(TOKEN);
  const kept = cookie.split(';')[0]!;
  expect((await at(4317, '/api/views', { cookie: kept })).status).toBe(200);
  expect((await at(4318, '/api/views', { cookie: kept })).status).toBe(401);
  expect((await at(4317, '/api/views', { cookie: `atelier-token-4317=${TOKEN}` })).status).toBe(401);
});

it('brakes guesses, and lets open pages go on', async () => {
  const guarded = createApp(reader, datasets, { token: TOKEN });
  const bearer = (token: string) =>
    guarded.request('/api/views', { headers: { authorization: `Bearer ${token}` } });
  const cookie = (await guarded.request(`/?token=${TOKEN}`)).headers.get('set-cookie')!.split(';')[0]!;
  for (let at = 0; at < 10; at++) expect(await codeOf(bearer(`guess ${at}`))).toEqual([401, 'TOKEN_MISSING']);
  const refused = await bearer(TOKEN);
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect((await guarded.request(`/?token=${TOKEN}`)).status).toBe(429);
  expect((await guarded.request('/api/views', { headers: { cookie } })).status).toBe(200);
});

it('takes ten guesses at once and ten a minute', () => {
  let now = 0;
  const brake = guessBrake(() => now);
  const context = { env: {} } as Context;
  for (let at = 0; at < 10; at++) brake.wrong(context);
  expect(brake.secondsToWait(context)).toBe(6);
  now = 6;
  expect(brake.secondsToWait(context)).toBe(0);
  brake.wrong(context);
  expect(brake.secondsToWait(context)).toBe(6);
});

it.each(['', 'short', 'fifteen-letters', 'a token with blanks in it', 'ein Wörtchen mit Umlauten'])(
  'takes no token that is easily guessed or that no header carries: %j',
  (token) => expect(() => checkedToken(token, '--token')).toThrow(/at least 16/),
);

it('makes the token file, for this user alone, and reads it the next time', () => {
  const file = join(home, 'token');
  const token = tokenFile(file);
  expect(token.length).toBeGreaterThanOrEqual(16);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(tokenFile(file)).toBe(token);
});

it('lets nothing of elsewhere into the page', async () => {
  const { headers } = await app.request('/api/health');
  const policy = headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('counts for Prometheus', async () => {
  const text = await (await app.request('/metrics')).text();
  expect(text).toContain('# TYPE atelier_runs gauge');
  expect(text).toContain('atelier_runs{status="FINISHED"} 1');
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(text).toMatch(/^atelier_http_requests_total \d+$/m);
});

it('describes every route, and no other', () => {
  expect([...describedRoutes(app.routes).keys()].toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
  const { paths } = openApi(app.routes) as {
    paths: Record<string, Record<string, { parameters: object[]; requestBody?: object }>>;
  };
  expect(paths['/api/runs/{id}']!['patch']!.parameters).toMatchObject([
    { name: 'id', in: 'path', required: true },
  ]);
  expect(paths['/api/runs/{id}']!['patch']!.requestBody).toBeDefined();
  // what refers to itself has its place in this document
  const document = openApi(app.routes) as { components: { schemas: Record<string, object> } };
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, to]) => to!);
  expect(references.length).toBeGreaterThan(0);
  for (const to of references) {
    expect(to).toMatch(/^#\/components\/schemas\//);
    expect(Object.keys(document.components.schemas)).toContain(to.split('/').at(-1));
  }
});
