import { openConnection } from '../connection.ts';
import { pointRows } from './point-rows.ts';

/** Runs one SQL text in a process of its own, which its parent may end at any moment. */
interface Request {
  readonly file: string;
  readonly sql: string;
  readonly limit: number;
}

function run({ file, sql, limit }: Request): unknown {
  const database = openConnection(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
  database.pragma('query_only = ON');
  // a connection cannot run one statement inside another
  const other = openConnection(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
  database.table('points', {
    columns: ['seq', 'step', 'epoch', 'wall_time', 'value'],
    parameters: ['run', 'metric'],
    *rows(...of: unknown[]) {
      yield* pointRows(other, Number(of[0]), String(of[1]));
    },
  });
  const statement = database.prepare(sql);
  if (!statement.reader)
    throw new Error('only statements that return rows are run here: SELECT, WITH, VALUES, EXPLAIN');
  if (!statement.readonly) throw new Error('the database is read-only here');
  const columns = statement.columns().map(({ name }) => name);
  const rows: unknown[][] = [];
  for (const row of statement.raw().iterate()) {
    if (rows.length === limit) return { columns, rows, more: true };
    rows.push((row as unknown[]).map(toSendable));
  }
  return { columns, rows, more: false };
}

/** Infinities have no JSON, blobs none that is short. */
function toSendable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `<${value.length} bytes>`;
  return typeof value === 'number' && !Number.isFinite(value) ? { $: String(value) } : value;
}

process.once('message', (request: Request) => {
  let answer: unknown;
  try {
    answer = run(request);
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.send!(answer, undefined, {}, () => process.disconnect());
});
process.send!('ready');
