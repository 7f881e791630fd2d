import type { Tracker } from '@atelier/tracker';
import { expect, it } from 'vitest';
import { useSite } from './site.ts';

const COUNT = 3000;

const ENVIRONMENT = {
  machine: { cpu: 'Test CPU', cores: 2, memoryBytes: 8e9, platform: 'linux', arch: 'x64' },
  node: 'v20.0.0',
  engine: { name: 'wasm', version: '4.22.0', threads: 2, precision: 'fp32' },
  command: ['train:run'],
};

/** Many small runs: learning rates in turn, three seeds of each setting. */
function fill(tracker: Tracker): void {
  for (let at = 0; at < COUNT; at++) {
    const run = tracker.startRun({
      project: 'many',
      environment: ENVIRONMENT,
      name: `run-${at}`,
      config: {
        epochs: 2,
        seed: at % 3,
        optimizer: { kind: at % 2 === 0 ? 'adam' : 'sgd', learningRate: Math.floor(at / 3) },
      },
      ...(at === 7 && { tags: ['baseline', '<b>bold</b>'], notes: '<img src=x onerror=alert(1)>' }),
    });
    const accuracy = ((at * 7919) % COUNT) / COUNT;
    for (const step of [1, 2, 3]) run.log({ 'val/accuracy': accuracy * (step / 3) }, { step, epoch: step });
    run.finish();
  }
}

const site = useSite(fill);
const rowOf = (name: string) =>
  site.page.locator('tr[data-run]').filter({ has: site.page.getByRole('link', { name, exact: true }) });

it('lists thousands of runs with only those in sight in the page', async () => {
  const { page } = site;
  await page.goto(site.origin);
  await page.getByText('3,000 runs').waitFor();
  await rowOf('run-2999').waitFor();
  expect(await page.locator('tr[data-run]').count()).toBeLessThan(80);
  await page.locator('.run-rows').evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await rowOf('run-0').waitFor();
  expect(await page.locator('tr[data-run]').count()).toBeLessThan(80);
  await site.accessible();
});

it('keeps the row with the focus, and the order of the list for the keyboard, while rows are recycled', async () => {
  const { page } = site;
  await page.goto(site.origin);
  await rowOf('run-2990').getByRole('checkbox').focus();
  const box = page.locator('.run-rows');
  for (const top of [700, 5000, 20_000]) await box.evaluate((element, to) => element.scrollTo(0, to), top);
  await rowOf('run-2400').waitFor();
  // scrolled away, but a key still acts on the run that was chosen
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Archive 1' }).waitFor();
  expect(new URL(page.url()).searchParams.get('pick')).toBe('2991');
  const places = () =>
    page
      .locator('tr[data-run]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('aria-rowindex'))));
  await expect.poll(async () => isRising(await places())).toBe(true);
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Select run-2990');
  await page.getByRole('searchbox').or(page.getByRole('combobox')).first().focus();
  await box.evaluate((element) => element.scrollTo(0, 0));
  await rowOf('run-2999').waitFor();
  await expect.poll(async () => (await places())[0]).toBe(2);
  expect(isRising(await places())).toBe(true);
});

const isRising = (places: readonly number[]): boolean =>
  places.every((place, at) => at === 0 || place > places[at - 1]!);

it('filters by words and by the language, completes, and says what is wrong where it is', async () => {
  const { page } = site;
  await page.goto(site.origin);
  const filter = page.getByRole('combobox', { name: 'Filter runs' });
  await filter.fill('run-12');
  await page.getByText('111 found').waitFor();
  await filter.fill('val/accuracy > 0.99 and optimizer.kind = adam');
  await page.getByText(/^1\d found$/).waitFor();
  await filter.fill('val/acc');
  await page.getByRole('option', { name: 'val/accuracy metric' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await filter.inputValue()).toBe('val/accuracy ');
  await filter.fill('run-12');
  await page.getByText('111 found').waitFor();
  await filter.fill('val/acuracy > 1');
  await page.getByText('Did you mean val/accuracy').waitFor();
  expect(await page.locator('#filter-problem mark').textContent()).toBe('val/acuracy');
  // what was found last stays in sight
  expect(await page.locator('tr[data-run]').count()).toBeGreaterThan(0);
  site.complaints = site.complaints.filter((line) => !line.includes('400'));
  await filter.fill('nosuchword');
  await page.getByText('No run is like that.').waitFor();
});

it('sorts by any column, and keeps it in the address', async () => {
  const { page } = site;
  await page.goto(site.origin);
  await page.getByRole('button', { name: 'val accuracy' }).click();
  await page
    .locator('tr[data-run]')
    .first()
    .getByRole('link', { name: `run-${bestRun()}`, exact: true })
    .waitFor();
  expect(new URL(page.url()).searchParams.get('sort')).toBe('val/accuracy');
  await page.getByText('Columns', { exact: true }).click();
  await page.getByRole('searchbox', { name: 'Find a column' }).fill('learningRate');
  await page.getByRole('checkbox', { name: 'optimizer.learningRate' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'optimizer.learningRate' }).click();
  await page.locator('tr[data-run]').first().getByText('999', { exact: true }).waitFor();
  await page.reload();
  await page.locator('tr[data-run]').first().getByText('999', { exact: true }).waitFor();
});

function bestRun(): number {
  return Array.from({ length: COUNT }, (_, at) => at).sort(
    (a, b) => ((b * 7919) % COUNT) - ((a * 7919) % COUNT),
  )[0]!;
}

it('edits tags and notes in place, shows markup as text, and overwrites nobody', async () => {
  const { page } = site;
  const columns = JSON.stringify(['name', 'tag', 'notes']);
  await page.goto(`${site.origin}/?${new URLSearchParams({ q: 'name = "run-7"', columns })}`);
  await page.getByText('<b>bold</b>').waitFor();
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  await page.getByRole('button', { name: 'Edit the tags of run-7' }).click();
  await page.getByRole('textbox', { name: 'Tags of run-7' }).fill('baseline, kept');
  await page.keyboard.press('Enter');
  await page.getByText('kept', { exact: true }).waitFor();
  expect(site.tracker.getRun(8).tags).toEqual(['baseline', 'kept']);

  await page.getByRole('button', { name: 'Edit the notes on run-7' }).click();
  await page.getByRole('textbox', { name: 'Notes on run-7' }).fill('mine');
  site.tracker.annotate(8, { notes: 'of another tab' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('of another tab').waitFor();
  expect(site.tracker.getRun(8).notes).toBe('of another tab');
  expect(await page.getByRole('textbox', { name: 'Notes on run-7' }).inputValue()).toBe('mine');
  site.complaints = site.complaints.filter((line) => !line.includes('409'));
});

it('archives and restores many at once', async () => {
  const { page } = site;
  await page.goto(`${site.origin}/?q=run-29`);
  await page.getByText('111 found').waitFor();
  await page.getByRole('button', { name: 'Tick all' }).click();
  await page.getByRole('button', { name: 'Archive 111' }).click();
  await page.getByText('0 found').waitFor();
  await page.getByRole('button', { name: 'archive', exact: true }).click();
  await page.getByText('111 found').waitFor();
  await page.getByRole('button', { name: 'Tick all' }).click();
  await page.getByRole('button', { name: 'Restore 111' }).click();
  await page.getByText('0 found').waitFor();
  expect(site.tracker.runIds()).toHaveLength(COUNT);
});

it('keeps views by name, and groups seeds into families', async () => {
  const { page } = site;
  await page.goto(`${site.origin}/?q=run-5&sort=-name`);
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('fives');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'fives', exact: true }).waitFor();
  await page.goto(site.origin);
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('button', { name: 'fives', exact: true }).click();
  await page.getByText('111 found').waitFor();
  expect(new URL(page.url()).searchParams.get('sort')).toBe('-name');
  await page.getByRole('button', { name: 'seed families' }).click();
  await page
    .getByRole('link', { name: /seeds$/ })
    .first()
    .waitFor();
  await site.accessible();
});

it('gives what is filtered as CSV', async () => {
  const text = await (
    await fetch(`${site.origin}/api/runs/table.csv?filter=${encodeURIComponent('name = "run-7"')}`)
  ).text();
  const [header, row, end] = text.split('\r\n');
  expect(header).toContain('id,name,project,group,status');
  expect(row).toMatch(/^8,run-7,many,,FINISHED/);
  expect(end).toBe('');
});
