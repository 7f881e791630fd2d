import { afterAll, describe, expect, it } from 'vitest';
import { makeQueryHome } from '../../test/query-home.ts';

const { tracker, close } = makeQueryHome();
afterAll(close);

describe('SQL', () => {
  it('reads, also curves, and nothing else', { timeout: 60_000 }, async () => {
    const { columns, rows, more } = await tracker.sql("SELECT step, value FROM points(1, 'val/accuracy')");
    expect({ columns, rows, more }).toEqual({
      columns: ['step', 'value'],
      rows: [
        [0, 0.5],
        [1, 0.95],
        [2, 0.9],
      ],
      more: false,
    });
    expect(await tracker.sql('SELECT id FROM runs ORDER BY id', { limit: 2 })).toMatchObject({
      rows: [[1], [2]],
      more: true,
    });
    await expect(tracker.sql('DELETE FROM runs')).rejects.toThrow('only statements that return rows');
    await expect(tracker.sql('DELETE FROM runs RETURNING id')).rejects.toThrow(/read-only/);
    await expect(tracker.sql('SELEC 1')).rejects.toThrow('syntax error');
    const endless = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t';
    await expect(tracker.sql(endless, { timeoutMs: 300 })).rejects.toThrow('took longer than 0.3 s');
  });
});
