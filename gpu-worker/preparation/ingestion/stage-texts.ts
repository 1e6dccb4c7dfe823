import { stat } from 'node:fs/promises';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { stagedName, stagedTable } from './staging.js';

/** Larger files are read where they lie, rather than copied into tables that do not fit in memory. */
const mostCopiedBytes = 64 * 1024 * 1024;

/**
 * Stages rows that lie as texts in a Parquet file, in columns c0, c1, …: in a table, or of a large file without lists
 * in a view, so that each statement reads of it only the columns that it asks for. The file has to stay as long as
 * there is a view.
 * @param lists whether a column's texts are lists of texts, in JSON
 */
export async function stageTexts(database: DuckDb, path: string, lists: readonly boolean[]): Promise<void> {
  const columns = lists.map((isList, index) => {
    const name = stagedName(index);
    return isList ? `CAST(CAST(${name} AS JSON) AS VARCHAR[]) AS ${name}` : name;
  });
  const isCopied = lists.includes(true) || (await stat(path)).size <= mostCopiedBytes;
  const file = `read_parquet(${literal(path)}${isCopied ? '' : ', file_row_number = true'})`;
  await database.query(
    isCopied
      ? `CREATE TABLE ${stagedTable} AS SELECT ${columns.join(', ')} FROM ${file}`
      : `CREATE VIEW ${stagedTable} AS SELECT ${columns.join(', ')}, file_row_number AS rowid FROM ${file}`,
  );
}

/** Whether staged rows are in a table, and their file is no longer needed. */
export async function isCopied(database: DuckDb, name: string = stagedTable): Promise<boolean> {
  const [found] = await database.query<{ views: number }>(
    'SELECT count(*)::DOUBLE AS views FROM duckdb_views() WHERE view_name = $name',
    { name },
  );
  return found!.views === 0;
}

/** Drops staged rows, whether they are in a table or a view. */
export async function dropStaged(database: DuckDb, name: string = stagedTable): Promise<void> {
  await database.query(`DROP ${await kindOf(database, name)} ${name}`);
}

/** Gives staged rows another name. */
export async function renameStaged(database: DuckDb, to: string): Promise<void> {
  await database.query(`ALTER ${await kindOf(database, stagedTable)} ${stagedTable} RENAME TO ${to}`);
}

async function kindOf(database: DuckDb, name: string): Promise<'TABLE' | 'VIEW'> {
  return (await isCopied(database, name)) ? 'TABLE' : 'VIEW';
}
