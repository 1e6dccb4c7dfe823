import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames } from './column-names.js';
import { describeColumn, type ParquetColumn } from './parquet-columns.js';
import { explainUnreadable, unreadable } from './parquet-problems.js';
import { type FileColumn, readFileColumns } from './parquet-schema.js';
import { rejectNul } from './reject-nul.js';
import { type Stage, type StagedColumn, stagedTable } from './staging.js';

/**
 * Stages Parquet. Columns of binary data are left out; rows with a NUL are rejected; otherwise all rows are good, or
 * the file is not readable at all.
 */
export const stageParquet: Stage = async (database, { path, problemPath }, tally) => {
  const columns = await readFileColumns(database, path).catch((error: unknown) => {
    throw unreadable(error, problemPath);
  });
  const names = columns.map(({ name }) => name);
  const problems = [...checkColumnNames(names, problemPath), ...checkReadable(columns, problemPath)];
  if (problems.length > 0) throw new ProblemsError(problems);

  const usable: ParquetColumn[] = [];
  try {
    for (const [index, { type }] of (await typesOf(database, path)).entries()) {
      const { name, isNull } = columns[index]!;
      const column = await describeColumn(database, path, { name, type, isNull }, index);
      if (column === null) tally.leftOut.push({ name, code: 'BINARY_DATA' });
      else usable.push(column);
    }
    if (usable.length === 0) throw new ProblemsError([onlyBinary(names, problemPath)]);
    const values = usable.flatMap(({ value, expression, text, fileText }) => [
      `${value} AS ${expression}`,
      ...(fileText === undefined ? [] : [`${fileText} AS ${text}`]),
    ]);
    await database.query(
      `CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM read_parquet(${literal(path)})`,
    );
  } catch (error) {
    throw await explainUnreadable(database, path, names, error, problemPath);
  }
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${stagedTable}`);
  tally.accepted = counted!.rows;
  await rejectNul(database, usable, tally);
  checkTally(tally, problemPath);
  return usable.map(({ value: _, fileText: __, ...column }): StagedColumn => column);
};

async function typesOf(database: DuckDb, path: string) {
  const { columns } = await database.read(`SELECT * FROM read_parquet(${literal(path)}) LIMIT 0`);
  return columns;
}

/** The problems of columns that can not be read, by their types. */
function checkReadable(columns: readonly FileColumn[], path: readonly string[]) {
  return columns.flatMap(({ name, unreadable: fault }) =>
    fault === null
      ? []
      : [problem(path, 'INVALID_FILE', `The column “${name}” has ${fault}.`, 'Leave it out, or write it as strings.')],
  );
}

function onlyBinary(names: readonly string[], path: readonly string[]) {
  const message = `Columns of binary data cannot be used: ${names.join(', ')}. The file has no others.`;
  return problem(path, 'INVALID_FILE', message, 'Store text as strings in UTF-8.');
}
