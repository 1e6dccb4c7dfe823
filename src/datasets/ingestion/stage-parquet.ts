import { ProblemsError, problem } from '../../problems/problem.js';
import { StorageError } from '../../storage/storage-error.js';
import { isListType } from '../column-type.js';
import { type DuckDb, identifier, literal } from '../duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames } from './column-names.js';
import { asJson, describeColumn, type ParquetColumn } from './parquet-columns.js';
import { excerptLength, maxRejectedRowsKept, type RowTally } from './rejected-rows.js';
import { type Stage, type StagedColumn, stagedTable } from './staging.js';

/** Stages Parquet. Either all its rows are good, or the file is not readable at all. */
export const stageParquet: Stage = async (database, { path, problemPath }, tally) => {
  const unreadable = (error: unknown) => {
    if (error instanceof StorageError) return error;
    const message = 'The file is not readable as Parquet.';
    return new ProblemsError([
      problem(problemPath, 'INVALID_FILE', message, 'It may have been damaged: upload it again.'),
    ]);
  };
  const names = await topLevelNames(database, path).catch((error: unknown) => {
    throw unreadable(error);
  });
  const problems = checkColumnNames(names, problemPath);
  if (problems.length > 0) throw new ProblemsError(problems);

  const described = await database.query<{ column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
  );
  const columns = names.map((name, index) => describeColumn(name, described[index]!.column_type, index));
  const binary = columns.filter((column) => column === null).map((_, index) => names[index]);
  if (binary.length > 0) {
    const message = `Columns of binary data cannot be used: ${binary.join(', ')}.`;
    throw new ProblemsError([
      problem(problemPath, 'INVALID_FILE', message, 'Leave them out, or store text as strings.'),
    ]);
  }
  const usable: ParquetColumn[] = [];
  for (const column of columns) {
    if (column === null) continue;
    const holdsMissing = isListType(column.type) && (await holdsMissingItems(database, path, column.name));
    usable.push(holdsMissing ? asJson(column) : column);
  }
  const values = usable.map(({ value, expression }) => `${value} AS ${expression}`);
  await database
    .query(`CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM read_parquet(${literal(path)})`)
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${stagedTable}`);
  tally.accepted = counted!.rows;
  await rejectNul(database, usable, tally);
  checkTally(tally, problemPath);
  return usable.map(({ name, type, expression }): StagedColumn => ({ name, type, expression }));
};

async function holdsMissingItems(database: DuckDb, path: string, name: string): Promise<boolean> {
  const list = identifier(name);
  // list_count does not count nulls.
  const [found] = await database.query<{ holds: boolean | null }>(
    `SELECT bool_or(len(${list}) <> list_count(${list})) AS holds FROM read_parquet(${literal(path)})`,
  );
  return found!.holds === true;
}

/**
 * Rejects rows with a NUL in an item of a list, as in other formats. Parquet has no lines, so rows are counted from 1.
 */
async function rejectNul(database: DuckDb, columns: readonly StagedColumn[], tally: RowTally): Promise<void> {
  const lists = columns.filter(({ type }) => type === 'TEXT_LIST');
  if (lists.length === 0) return;
  await database.query('CREATE TABLE faults (number BIGINT, list INTEGER, start VARCHAR)');
  for (const [index, { expression }] of lists.entries()) {
    await database.query(
      `INSERT INTO faults
       SELECT rowid, ${index}, left(CAST(${expression} AS VARCHAR), ${excerptLength}) FROM ${stagedTable}
       WHERE len(list_filter(${expression}, item -> contains(item, chr(0)))) > 0`,
    );
  }
  const [found] = await database.query<{ rows: number }>('SELECT count(DISTINCT number)::DOUBLE AS rows FROM faults');
  if (found!.rows > 0) {
    const first = await database.query<{ number: number; list: number; start: string }>(
      `SELECT number::DOUBLE AS number, list, start FROM faults
       QUALIFY row_number() OVER (PARTITION BY number ORDER BY list) = 1 ORDER BY number LIMIT ${maxRejectedRowsKept}`,
    );
    for (const { number, list, start } of first) {
      const reason = `An item of “${lists[list]!.name}” holds a NUL character.`;
      tally.reject(number + 1, 'INVALID_CHARACTER', reason, Buffer.from(start));
    }
    tally.rejected = found!.rows;
    tally.accepted -= found!.rows;
    await database.query(
      `CREATE TABLE good AS
       SELECT * FROM ${stagedTable} WHERE rowid NOT IN (SELECT number FROM faults) ORDER BY ${stagedTable}.rowid`,
    );
    await database.query(`DROP TABLE ${stagedTable}`);
    await database.query(`ALTER TABLE good RENAME TO ${stagedTable}`);
  }
  await database.query('DROP TABLE faults');
}

/** The names as in the file; DuckDB's description renames columns whose names differ only in case. */
async function topLevelNames(database: DuckDb, path: string): Promise<string[]> {
  const nodes = await database.query<{ name: string; children: number }>(
    `SELECT name, coalesce(num_children, 0)::DOUBLE AS children FROM parquet_schema(${literal(path)})`,
  );
  const names: string[] = [];
  // The schema's tree is in depth-first order: a node is followed by its children.
  let skip = 0;
  for (const { name, children } of nodes.slice(1)) {
    if (skip === 0) names.push(name);
    else skip--;
    skip += children;
  }
  return names;
}
