import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRegistry } from '@atelier/registry';
import { expectAccessible, openDesk, type Desk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
}, 120_000);
afterAll(() => desk?.close());

function champion(): number | undefined {
  using registry = openRegistry({ home: desk.home, readonly: true });
  return registry.models()[0]?.aliases['champion'];
}

it('shows the evidence before the alias moves, and moves it', async () => {
  const page = await desk.open('/models');
  await page.getByRole('link', { name: 'bars' }).click();
  await page.getByRole('button', { name: 'Version 2' }).click();
  expect(await page.getByRole('button', { name: /^Move champion/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'judge' }).click();
  await page.getByText('The gate lets it pass.').waitFor();
  expect(champion()).toBeUndefined();
  await page
    .getByRole('row', { name: /accuracy.low/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Move champion to 2' }).click();
  await page.getByText('champion is now bars 2.').waitFor();
  expect(champion()).toBe(2);
  expect(await page.locator('.lineage li').count()).toBe(5);
  await page.close();
  expect(desk.complaints).toEqual([]);
});

it('names what stops a worse version, and overrides only with a name and a reason', async () => {
  const page = await desk.open('/models/bars?version=1');
  await page.getByRole('button', { name: 'judge' }).click();
  await page.getByText(/The gate stops it: .*accuracy/).waitFor();
  const override = page.getByRole('button', { name: 'Override: move champion to 1' });
  expect(await override.isDisabled()).toBe(true);
  await page.getByLabel('why override the gate').fill('the <b>old</b> camera is back');
  await page.getByLabel('your name').first().fill('ada');
  await override.click();
  await page.getByText('champion is now bars 1.').waitFor();
  await page.getByText('“the <b>old</b> camera is back”').waitFor();
  expect(champion()).toBe(1);
  await page.close();
});

it('rolls back, verifies the chain, and knows who it was today', async () => {
  const page = await desk.open('/models/bars');
  const region = page.getByRole('region', { name: 'Roll back' });
  await region.getByLabel('reason').fill('complaints');
  await region.getByLabel('your name').fill('bob');
  await region.getByRole('button', { name: 'roll back' }).click();
  await page.getByText('champion is back from 1 to 2.').waitFor();
  expect(champion()).toBe(2);
  await page.getByRole('button', { name: 'verify' }).click();
  await page.getByText('everything is as the history says.').waitFor();
  const today = new Date();
  const day = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(today.getDate()).padStart(2, '0')}`;
  await page.getByLabel('Day').fill(day);
  await page.getByText('nobody when it began, version 2 when it ended').waitFor();
  await page.close();
  expect(desk.complaints).toEqual([]);
});

it('refuses a gate that was not offered, an alias that moved meanwhile, and a foreign page', async () => {
  const post = (verb: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${desk.origin}/api/models/bars/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const unknown = await post('judge', { version: 1, alias: 'champion', gate: 'a'.repeat(64) });
  expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([404, 'GATE_UNKNOWN']);
  const path = await post('judge', { version: 1, alias: 'champion', gate: '../../etc/passwd' });
  expect(path.status).toBe(400);
  const detail = (await (await fetch(`${desk.origin}/api/models/bars`)).json()) as {
    gates: { sha256: string }[];
  };
  const gate = detail.gates[0]!.sha256;
  const stale = await post('promote', { version: 1, alias: 'champion', gate, by: 'eve', against: 1 });
  expect([stale.status, ((await stale.json()) as { code: string }).code]).toEqual([409, 'ALIAS_MOVED']);
  const foreign = await post(
    'rollback',
    { alias: 'champion', by: 'eve', reason: 'x' },
    { origin: 'http://evil.example' },
  );
  expect(foreign.status).toBe(403);
  expect(champion()).toBe(2);
});

it('says so of a model that is not there', async () => {
  const page = await desk.open('/models/barz');
  await page.getByText(/there is no model "barz"/).waitFor();
  await page.close();
  desk.complaints.splice(0, Infinity, ...desk.complaints.filter((line) => !line.includes('404')));
});

it.each([false, true])('is clean to axe (dark: %s)', async (dark) => {
  for (const path of ['/models', '/models/bars?version=2']) {
    const page = await desk.open(path, dark);
    await page.getByRole('button', { name: 'verify' }).waitFor();
    await expectAccessible(page);
    await page.close();
  }
});
