import { namesHint } from '../../../src/problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import { isSystemColumn, rowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import { isListType } from '../../../src/protocol/datasets/column-type.js';
import type { ComparedVersion } from '../../../src/protocol/preparation/steps/duplicates.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import type { RowTable, StepTools, TableColumn } from '../row-table.js';
import { type ComparedRows, countOf, textOf } from './compared-rows.js';

/**
 * The step's own rows and, as sources from 1 on, those of other versions. Values are compared as texts: versions may
 * have a column as different types.
 * @throws ProblemsError UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, UNKNOWN_SPLIT, INVALID_VALUE, MISSING_ARTIFACT
 */
export async function rowsBesideVersions(
  table: RowTable,
  columns: readonly TableColumn[],
  versions: readonly ComparedVersion[],
  { database, versionPath }: StepTools,
): Promise<ComparedRows> {
  const problems: InputProblem[] = [];
  const statements = [statementOf(0, 'row', table.name, columns)];
  for (const [i, version] of versions.entries()) {
    const at = ['versions', String(i)];
    const path = await versionPath(version.datasetVersionId).catch((error: unknown) => {
      if (!(error instanceof ProblemsError)) throw error;
      throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...at, ...each.path] })));
    });
    const found = await columnsOfVersion(database, path, version, columns, at);
    problems.push(...found.problems, ...(await unknownSplits(database, path, version, at)));
    const where =
      version.splits === null ? '' : ` WHERE ${identifier(splitColumn)} IN (${version.splits.map(literal)})`;
    const from = `(SELECT * FROM read_parquet(${literal(path)})${where})`;
    statements.push(statementOf(i + 1, identifier(rowColumn), from, found.columns));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  const sql = statements.join(' UNION ALL ');
  const own = await countOf(database, table.name);
  return { sql, values: columns.map((_, i) => `v${i}`), count: await countOf(database, `(${sql})`), own };
}

function statementOf(
  source: number,
  row: string,
  from: string,
  columns: readonly Pick<TableColumn, 'field' | 'type'>[],
): string {
  const values = columns.map(({ field }, i) => `CAST(${field} AS VARCHAR) AS v${i}`);
  return `SELECT ${source} AS source, ${row} AS row, ${textOf(columns)} AS text, ${values.join(', ')} FROM ${from}`;
}

/** The columns of a version that are compared with the step's. */
async function columnsOfVersion(
  database: DuckDb,
  path: string,
  { columns: named }: ComparedVersion,
  columns: readonly TableColumn[],
  at: readonly string[],
): Promise<{ readonly columns: readonly Pick<TableColumn, 'field' | 'type'>[]; readonly problems: InputProblem[] }> {
  const names = named ?? columns.map(({ name }) => name);
  if (names.length !== columns.length) {
    const message = `There are ${names.length} columns to compare with the step's ${columns.length}.`;
    return { columns: [], problems: [problem([...at, 'columns'], 'INVALID_VALUE', message, 'Name as many.')] };
  }
  const present = await database.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
  );
  const shown = present.map(({ column_name }) => column_name).filter((name) => !isSystemColumn(name));
  const problems: InputProblem[] = [];
  for (const [i, name] of names.entries()) {
    const field = named === null ? [...at, 'columns'] : [...at, 'columns', String(i)];
    const type = present.find(({ column_name }) => column_name === name)?.column_type;
    if (type === undefined || !shown.includes(name)) {
      const message = `The other dataset version has no column “${name}”.`;
      problems.push(problem(field, 'UNKNOWN_COLUMN', message, namesHint(name, shown)));
    } else if (type.endsWith('[]') !== isListType(columns[i]!.type)) {
      const [has, other] = type.endsWith('[]') ? ['lists', 'no lists'] : ['no lists', 'lists'];
      const message = `The column “${name}” of the other dataset version has ${has}, the step's has ${other}.`;
      problems.push(problem(field, 'WRONG_COLUMN_TYPE', message, 'Compare columns of one kind.'));
    }
  }
  return { columns: names.map((name, i) => ({ field: identifier(name), type: columns[i]!.type })), problems };
}

async function unknownSplits(
  database: DuckDb,
  path: string,
  { splits }: ComparedVersion,
  at: readonly string[],
): Promise<InputProblem[]> {
  if (splits === null) return [];
  const present = await database.query<{ split: string }>(
    `SELECT DISTINCT ${identifier(splitColumn)} AS split FROM read_parquet(${literal(path)}) ORDER BY split`,
  );
  const names = present.map(({ split }) => split);
  return splits.flatMap((split, i) => {
    if (names.includes(split)) return [];
    const message = `The other dataset version has no split “${split}”.`;
    return [problem([...at, 'splits', String(i)], 'UNKNOWN_SPLIT', message, namesHint(split, names))];
  });
}
