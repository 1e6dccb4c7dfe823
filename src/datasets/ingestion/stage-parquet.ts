import { ProblemsError, problem } from '../../problem.js';
import { StorageError } from '../../storage/storage-error.js';
import { type DuckDb, identifier, literal } from '../duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames } from './column-names.js';
import { type Stage, type StagedColumn, stagedName, stagedTable } from './staging.js';

/** Stages Parquet. Its rows are all good, or the file is not readable at all. */
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
  const usable = columns.filter((column) => column !== null);
  const values = usable.map(({ value, expression }) => `${value} AS ${expression}`);
  await database
    .query(`CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM read_parquet(${literal(path)})`)
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${stagedTable}`);
  tally.accepted = counted!.rows;
  checkTally(tally, problemPath);
  return usable.map(({ name, type, expression }): StagedColumn => ({ name, type, expression }));
};

/** As the file has them; DuckDB's own description gives names that differ in case alone another number. */
async function topLevelNames(database: DuckDb, path: string): Promise<string[]> {
  const nodes = await database.query<{ name: string; children: number }>(
    `SELECT name, coalesce(num_children, 0)::DOUBLE AS children FROM parquet_schema(${literal(path)})`,
  );
  const names: string[] = [];
  // The schema's tree in depth-first order: a node is followed by its children.
  let skip = 0;
  for (const { name, children } of nodes.slice(1)) {
    if (skip === 0) names.push(name);
    else skip--;
    skip += children;
  }
  return names;
}

interface ParquetColumn extends StagedColumn {
  /** Over the file. */
  readonly value: string;
}

function describeColumn(name: string, type: string, index: number): ParquetColumn | null {
  const source = identifier(name);
  const expression = identifier(stagedName(index));
  if (type === 'BLOB') return null;
  if (type === 'BOOLEAN') return { name, type: 'BOOLEAN', value: source, expression };
  if (/^(TINY|SMALL|BIG|)INT(EGER)?$|^U(TINY|SMALL)INT$|^UINTEGER$/.test(type)) {
    return { name, type: 'INTEGER', value: `CAST(${source} AS BIGINT)`, expression };
  }
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type))
    return { name, type: 'FLOAT', value: `CAST(${source} AS DOUBLE)`, expression };
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return { name, type: 'TIMESTAMP', value: `${source} AT TIME ZONE 'UTC'`, expression };
  }
  if (/^(DATE|TIMESTAMP.*)$/.test(type))
    return { name, type: 'TIMESTAMP', value: `CAST(${source} AS TIMESTAMP)`, expression };
  if (/^(STRUCT|MAP|UNION)|\]$|^JSON$/.test(type))
    return { name, type: 'JSON', value: `to_json(${source})`, expression };
  return { name, type: 'TEXT', value: `CAST(${source} AS VARCHAR)`, expression };
}
