import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, openDesk, type Desk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
}, 120_000);
afterAll(() => desk?.close());

it('shows balance, classes and what the runs missed, as their ledgers say', async () => {
  const page = await desk.open('/data');
  await page
    .getByRole('row', { name: /^Trouser/ })
    .getByText('20')
    .first()
    .waitFor();
  await expect.poll(() => page.locator('.classes li').count()).toBe(10);
  const misses = desk.runs.map((run) => {
    const { predicted, datasetDigest } = desk.writer.predictions(run, { split: 'test' })!;
    const { labels } = desk.writer.dataset(datasetDigest)!.splits['test']!;
    return new Set([...labels.keys()].filter((at) => predicted[at] !== labels[at]));
  });
  const ever = new Set(misses.flatMap((of) => [...of])).size;
  const always = [...misses[0]!].filter((at) => misses[1]!.has(at)).length;
  expect(ever).toBeGreaterThan(0);
  await page
    .getByText(`over 2 runs: ${ever} of 200 were missed by at least one, ${always} by every one`)
    .waitFor();
  await page.close();
  expect(desk.complaints).toEqual([]);
});

it('previews augmentation and says that it is a preview', async () => {
  const page = await desk.open('/data');
  await page.getByText('training does not use it').waitFor();
  await page.locator('.variants canvas').nth(11).waitFor();
  const picture = () =>
    page
      .locator('.variants canvas')
      .nth(3)
      .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
  const before = await picture();
  await page.getByRole('slider', { name: /^Erase/ }).fill('14');
  await expect.poll(async () => (await picture()) === before).toBe(false);
  await page.close();
});

it('says so of a dataset that no run used', async () => {
  const page = await desk.open('/data?dataset=nothing');
  await page.getByText('No run used a dataset nothing').waitFor();
  await page.close();
});

it.each([false, true])('is clean to axe (dark: %s)', async (dark) => {
  const page = await desk.open('/data', dark);
  await page.locator('.variants canvas').nth(11).waitFor();
  await expectAccessible(page);
  await page.close();
});
