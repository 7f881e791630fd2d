import { expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../../test/home.ts';
import { START } from '../../test/home-data.ts';
import { openTracker, type Tracker } from '../tracker.ts';

function filled(): Tracker {
  const tracker = openTracker({ home: makeHome() });
  onTestFinished(() => tracker.close());
  for (let at = 0; at < 30; at++) {
    using run = tracker.startRun({ ...START, config: { epochs: 5, ...(at % 3 === 0 && { odd: at }) } });
    if (at % 4 !== 0) run.log({ 'val/accuracy': ((at * 7) % 30) / 30 }, { step: 1, epoch: at });
    run.finish();
  }
  return tracker;
}

it('gives the ids of all pages in their order', () => {
  const tracker = filled();
  const queries = [
    {},
    { sort: [{ by: 'val/accuracy' }] },
    { sort: [{ by: 'odd', order: 'asc' as const }], filter: 'val/accuracy > 0.2' },
    { sort: [{ by: 'epoch' }, { by: 'name' }] },
  ];
  for (const query of queries) {
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = tracker.queryRuns({ ...query, limit: 4, cursor });
      pages.push(...page.runs.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(tracker.runIds(query)).toEqual(pages);
    expect(new Set(pages).size).toBe(pages.length);
  }
  expect(tracker.runIds({ trash: true })).toEqual([]);
  expect(() => tracker.runIds({ filter: 'val/acuracy > 1' })).toThrow(/Did you mean val\/accuracy/);
});

it('sees runs without a value that others have started since', () => {
  const tracker = filled();
  using reader = openTracker({ home: tracker.home, readonly: true });
  const last = (): number => reader.runIds({ sort: [{ by: 'val/accuracy' }] }).length;
  expect([last(), last()]).toEqual([30, 30]);
  using one = tracker.startRun(START);
  expect(last()).toBe(31);
  one.log({ 'val/accuracy': 2 }, { step: 1 });
  one.finish();
  const [first] = reader.runIds({ sort: [{ by: 'val/accuracy' }] });
  expect([first, last()]).toEqual([one.id, 31]);
});

it('reads rows in the order asked for, without what is not there', () => {
  const tracker = filled();
  const rows = tracker.runRows([7, 999, 2], {
    columns: ['epochs', 'epoch', 'nothing'],
    metrics: ['val/accuracy'],
  });
  expect(rows.map(({ id, columns }) => ({ id, columns }))).toEqual([
    { id: 7, columns: { epochs: 5, epoch: 6 } },
    { id: 2, columns: { epochs: 5, epoch: 1 } },
  ]);
});

it('changes notes only from what they were, where that is said', () => {
  const tracker = filled();
  tracker.annotate(1, { notes: 'first', notesWere: null });
  expect(() => tracker.annotate(1, { notes: 'second', notesWere: '', add: ['t'] })).toThrow(
    expect.objectContaining({ code: 'NOTES_CHANGED', notes: 'first' }),
  );
  expect(tracker.getRun(1)).toMatchObject({ notes: 'first', tags: [] });
  tracker.annotate(1, { notes: 'second', notesWere: 'first' });
  expect(tracker.getRun(1).notes).toBe('second');
});
