import { ProblemsError, problem } from '../../src/problems/problem.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import type { RowSource } from '../../src/protocol/preparation/prepare-job.js';
import { literal } from '../../src/storage/duckdb.js';
import { type StagedUpload, stageUpload } from './ingestion/ingest.js';
import { type StagedColumn, stagedTable } from './ingestion/staging.js';
import type { RecipeTools, RowTable } from './row-table.js';
import { stagedRows } from './staged-rows.js';

/** Lines of JSON that the platform wrote. */
type WrittenLines = Pick<Extract<RowSource, { readonly kind: 'appended' }>, 'columns' | 'splitKey' | 'split'> & {
  readonly path: string;
};

const typeInSql: Readonly<Record<ColumnType, string>> = {
  TEXT: 'VARCHAR',
  INTEGER: 'BIGINT',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  TEXT_LIST: 'VARCHAR[]',
  INTEGER_LIST: 'BIGINT[]',
  FLOAT_LIST: 'DOUBLE[]',
  JSON: 'JSON',
};

/**
 * The rows of examples that were appended to a dataset, or of answers that people gave, in their order. Columns that
 * the source names have the types that it says, also where all values are missing; others have the type that all of
 * their values fit.
 * @throws ProblemsError for values that the type of their column can not hold
 */
export async function rowsOfLines(
  tools: Pick<RecipeTools, 'database' | 'names'>,
  source: WrittenLines,
  folder: string,
  maxRows: number | null,
): Promise<{ readonly table: RowTable; readonly staged: StagedUpload }> {
  const { path, splitKey, split } = source;
  const staged = await stageUpload(tools.database, { path, name: 'rows.jsonl', format: 'JSONL', folder });
  const own = staged.columns.find(({ name }) => name === splitKey);
  const found = new Map(staged.columns.filter((column) => column !== own).map((column) => [column.name, column]));
  const known = source.columns.map(({ name, type }) => typed(name, type, found.get(name)));
  const names = new Set(known.map(({ name }) => name));
  await requireHeld(tools, known, found);
  const columns = [...known, ...[...found.values()].filter(({ name }) => !names.has(name))];
  const ownSplit = split !== null ? literal(split) : own === undefined ? 'NULL::VARCHAR' : own.expression;
  return { staged, table: await stagedRows(tools, columns, ownSplit, maxRows) };
}

function typed(name: string, type: ColumnType, found: StagedColumn | undefined): StagedColumn {
  if (found === undefined) return { name, type, expression: `NULL::${typeInSql[type]}` };
  if (found.type === type) return found;
  return { name, type, expression: converted(found, type) };
}

/** An expression of the value in the type, NULL where it has no place there. */
function converted({ type: from, expression }: StagedColumn, to: ColumnType): string {
  if (to === 'JSON') return `CASE WHEN ${expression} IS NOT NULL THEN to_json(${expression}) END`;
  const cast = `TRY_CAST(${expression} AS ${typeInSql[to]})`;
  // A cast would round.
  if (to === 'INTEGER' && from === 'FLOAT') return `CASE WHEN ${expression} = trunc(${expression}) THEN ${cast} END`;
  return cast;
}

/** The dataset's latest version may be another one than when an example came. */
async function requireHeld(
  { database }: Pick<RecipeTools, 'database'>,
  columns: readonly StagedColumn[],
  found: ReadonlyMap<string, StagedColumn>,
): Promise<void> {
  const changed = columns.flatMap(({ name, type, expression }) => {
    const before = found.get(name);
    return before === undefined || before.type === type ? [] : [{ name, type, from: before, expression }];
  });
  if (changed.length === 0) return;
  const counts = changed.map(
    ({ from, expression }, i) => `(count(${from.expression}) - count(${expression}))::DOUBLE AS lost${i}`,
  );
  const [lost] = await database.query<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${stagedTable}`);
  const problems = changed.flatMap(({ name, type }, i) => {
    const rows = lost![`lost${i}`]!;
    if (rows === 0) return [];
    const message = `“${name}” holds ${type} in the latest version of the dataset, and ${rows} of the appended examples have values that are none.`;
    const hint = 'Discard them, or make a version first in which the column holds TEXT.';
    return [problem(['datasetId'], 'WRONG_COLUMN_TYPE', message, hint)];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}
