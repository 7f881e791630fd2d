import BetterSqlite, { type Database, type Options, type Statement } from 'better-sqlite3';

/**
 * Everything of better-sqlite3 that was ever made in this process. Its native objects must not be garbage-collected:
 * compiled against Node 24.19 or newer, their destructors abort the process when the collector runs outside of a
 * JavaScript context (better-sqlite3 12 with `node::ObjectWrap`; 13 is free of it but needs Node 22.14).
 */
const kept: { readonly database: Database; readonly statements: ReadonlyMap<string, Statement> }[] = [];

/** Connections that this thread has opened: what a server that runs for weeks must not do for each request. */
export function connectionCount(): number {
  return kept.length;
}

/** As prepared: rows come as objects. `pluck()` and `raw()` of an earlier use stay set on a statement. */
function asPrepared(statement: Statement): Statement {
  return statement.reader ? statement.pluck(false).raw(false) : statement;
}

/**
 * Opens an SQLite file with better-sqlite3. The same SQL gives the same prepared statement each time, which also saves
 * compiling it again; use it up before you prepare the same SQL once more.
 */
export function openConnection(file: string, options: Options = {}): Database {
  const database = new BetterSqlite(file, options);
  const statements = new Map<string, Statement>();
  kept.push({ database, statements });
  const compile = database.prepare.bind(database) as (sql: string) => Statement;
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = compile(sql)));
    return asPrepared(statement);
  };
  const pragma: Database['pragma'] = (source, { simple = false } = {}) => {
    const statement = prepare(`PRAGMA ${source}`);
    if (statement.reader) return simple ? statement.pluck().get() : statement.all();
    statement.run();
    return simple ? undefined : [];
  };
  return Object.assign(database, { prepare, pragma });
}
