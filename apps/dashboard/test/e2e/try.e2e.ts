import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { expectAccessible, openDesk, type Desk } from './desk.ts';

/** Of a canvas, what is read of it in the page. */
interface Drawn {
  getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
}

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
}, 120_000);
afterAll(() => desk?.close());

const answerOf = (page: Page, label: string) => page.getByRole('region', { name: `Answer of ${label}` });

/** The first five probabilities that the page shows, by class name. */
async function shown(page: Page, label: string): Promise<Map<string, number>> {
  await answerOf(page, label).locator('.probabilities').waitFor();
  const pairs = await answerOf(page, label)
    .locator('.probabilities li')
    .evaluateAll((rows) =>
      rows.map(
        (row) =>
          [row.querySelector('span')!.textContent!, Number(row.getAttribute('data-probability'))] as const,
      ),
    );
  return new Map(pairs);
}

it('answers in the page as the stored ledgers do, for both models', async () => {
  for (const sample of [0, 7, 123]) {
    const page = await desk.open(`/try?a=bars@1&b=bars@2&sample=${sample}`);
    for (const [at, label] of [['0', 'bars 1'] as const, ['1', 'bars 2'] as const]) {
      const run = desk.runs[Number(at) as 0 | 1];
      const found = await shown(page, label);
      const { probabilities, classes } = desk.writer.predictions(run, { split: 'test' })!;
      const names = desk.writer.dataset(
        desk.writer.predictions(run, { split: 'test' })!.datasetDigest,
      )!.classNames;
      expect(found.size).toBe(5);
      for (const [name, value] of found)
        expect(Math.abs(value - probabilities[sample * classes + names.indexOf(name)]!)).toBeLessThan(1e-3);
    }
    await answerOf(page, 'bars 1').getByText('in WebAssembly').waitFor();
    await answerOf(page, 'bars 1').getByText('As in the run’s ledger').waitFor();
    await page.close();
  }
  expect(desk.complaints).toEqual([]);
});

it('shows where each breaks, and keeps sliders in the address', async () => {
  const page = await desk.open('/try?a=bars@2&b=bars@1&sample=3&shift=4');
  expect(await page.getByRole('slider', { name: 'Shift' }).inputValue()).toBe('4');
  await page.locator('.break polyline').nth(7).waitFor({ state: 'attached' });
  const lines = page.locator('.break').last().locator('polyline');
  await expect.poll(async () => (await lines.last().getAttribute('points'))!.split(' ').length).toBe(13);
  // erasing most of a bar image changes the answer of the model that knows it
  await page.getByRole('slider', { name: 'Erase' }).fill('24');
  await expect.poll(() => new URL(page.url()).searchParams.get('erase')).toBe('24');
  await page.getByRole('button', { name: 'undo the sliders' }).click();
  expect(new URL(page.url()).searchParams.get('erase')).toBeNull();
  await page.close();
});

it('is drawn on by pointer, picks samples by keyboard', async () => {
  const page = await desk.open('/try?sample=5');
  await page.getByText('says its label').waitFor();
  await page.getByRole('button', { name: 'Next sample' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).searchParams.get('sample')).toBe('6');
  await page.getByRole('button', { name: 'blank' }).click();
  const box = (await page.locator('.pad').boundingBox())!;
  await page.mouse.move(box.x + 40, box.y + 90);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 90, { steps: 12 });
  await page.mouse.up();
  const lit = await page.locator('.pad canvas').evaluate((canvas) => {
    const { data } = (canvas as unknown as Drawn).getContext('2d').getImageData(0, 0, 28, 28);
    return data.filter((value, at) => at % 4 === 0 && value > 128).length;
  });
  expect(lit).toBeGreaterThan(10);
  await page.getByLabel('It should be').waitFor();
  await page.close();
});

it('says of a file that it is no image, and takes one of any size', async () => {
  const page = await desk.open('/try?sample=5');
  const input = page.getByLabel('Image file');
  await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') });
  await page.getByRole('alert').getByText('notes.txt is no image this browser can read').waitFor();
  const png = await page.locator('main').screenshot();
  await input.setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: png });
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  await page.getByLabel('It should be').waitFor();
  await page.close();
  expect(desk.complaints).toEqual([]);
});

it('says so where a sample is not there', async () => {
  const page = await desk.open('/try?sample=99999');
  await page.getByText('there is no such sample').waitFor();
  await page.close();
  desk.complaints.splice(0, Infinity, ...desk.complaints.filter((line) => !line.includes('404')));
  expect(desk.complaints).toEqual([]);
});

it.each([false, true])('is clean to axe (dark: %s)', async (dark) => {
  const page = await desk.open('/try?a=bars@2&sample=3', dark);
  await shown(page, 'bars 2');
  await expectAccessible(page);
  await page.close();
});
