import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type InputProblem, ProblemsError, problem } from '../../src/problems/problem.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import type { FileNotice } from '../../src/protocol/datasets/file-notice.js';
import type { LeftOutColumn } from '../../src/protocol/datasets/left-out-column.js';
import type { RejectedRow } from '../../src/protocol/datasets/rejected-row.js';
import type { FileFormat } from '../../src/protocol/datasets/split-request.js';
import type { RowSource } from '../../src/protocol/preparation/prepare-job.js';
import { literal } from '../../src/storage/duckdb.js';
import { type StagedUpload, stageUpload } from './ingestion/ingest.js';
import { maxRejectedRowsKept } from './ingestion/rejected-rows.js';
import { commonType, storedRows } from './ingestion/stage-stored.js';
import type { RecipeTools, RowTable, TableColumn } from './row-table.js';
import { rowsOfLines } from './rows-of-lines.js';
import { keepsTexts, stagedRows } from './staged-rows.js';

/** What the sources gave beside rows. */
export interface SourceFacts {
  readonly rejectedCount: number;
  readonly rejectedRows: readonly RejectedRow[];
  readonly leftOutColumns: readonly LeftOutColumn[];
  readonly notices: readonly FileNotice[];
  /** Of each source, the format in which its file was read; null: the source is a version. */
  readonly formats: readonly (FileFormat | null)[];
  /** Whether the first line of the one file was read as the header. */
  readonly header: boolean | null;
}

/** A source and the file that it is read from. */
export type OpenedSource = RowSource & {
  readonly path: string;
  /** Whether the file is the beginning of the uploaded one. Default: it is all of it. */
  readonly isBeginning?: boolean;
};

/**
 * The rows of all sources, one source after another, numbered from 0. Columns are those of all of them; a source that
 * lacks one has no values there.
 * @param folder for files of this reading
 * @param maxRows of each source: evenly spaced rows of a version, the first of a file; null: all
 * @throws ProblemsError whose paths begin at `sources`
 */
export async function rowsOfSources(
  sources: readonly OpenedSource[],
  textNames: readonly string[] | null,
  folder: string,
  tools: RecipeTools,
  maxRows: number | null = null,
): Promise<{ readonly table: RowTable; readonly facts: SourceFacts; readonly rowCount: number }> {
  const tables: RowTable[] = [];
  const facts: SourceFacts[] = [];
  let rowCount = 0;
  for (const [i, source] of sources.entries()) {
    const read = await readSource(source, textNames, join(folder, `source${i}`), tools, maxRows).catch(
      (error: unknown) => {
        throw atSource(error, i, source.kind);
      },
    );
    tables.push(read.table);
    facts.push(read.facts);
    rowCount += read.rowCount;
  }
  const table = tables.length === 1 ? tables[0]! : await joined(tables, tools);
  return {
    table,
    rowCount,
    facts: {
      rejectedCount: facts.reduce((sum, { rejectedCount }) => sum + rejectedCount, 0),
      rejectedRows: facts.flatMap(({ rejectedRows }) => rejectedRows).slice(0, maxRejectedRowsKept),
      leftOutColumns: facts.flatMap(({ leftOutColumns }) => leftOutColumns),
      notices: facts.flatMap(({ notices }) => notices),
      formats: facts.flatMap(({ formats }) => formats),
      header: facts.length === 1 ? facts[0]!.header : null,
    },
  };
}

/** Paths that begin at the fields of one source become those of the whole input. */
export function atSource(error: unknown, index: number, kind: RowSource['kind']): unknown {
  if (!(error instanceof ProblemsError)) return error;
  const fields = ['uploadId', 'fileOptions', 'datasetVersionId', 'datasetId'];
  return new ProblemsError(
    error.problems.map((each) =>
      fields.includes(each.path[0] ?? '') ? { ...each, path: ['sources', String(index), kind, ...each.path] } : each,
    ),
  );
}

async function readSource(
  source: OpenedSource,
  textNames: readonly string[] | null,
  folder: string,
  tools: RecipeTools,
  maxRows: number | null,
): Promise<{ readonly table: RowTable; readonly facts: SourceFacts; readonly rowCount: number }> {
  const { database, names } = tools;
  if (source.kind === 'appended' || source.kind === 'feedback' || source.kind === 'samples') {
    const lines = source.kind === 'appended' ? source : { ...source, splitKey: null };
    const { table, staged } = await rowsOfLines(tools, lines, folder, maxRows);
    // The lines are no file of the user's, and have no format.
    return { table, rowCount: source.exampleCount, facts: { ...factsOf(staged), formats: [null] } };
  }
  if (source.kind === 'version') {
    const { leftOutColumns, exampleCount } = source;
    const every = maxRows === null ? 1 : Math.ceil(exampleCount / maxRows);
    const table = await storedRows(database, source, names, every);
    const none = { rejectedCount: 0, rejectedRows: [], notices: [], formats: [null], header: null };
    return { table, rowCount: exampleCount, facts: { ...none, leftOutColumns } };
  }
  const { path, format, fileOptions, fileName, split, isBeginning = false } = source;
  const staged = await stageUpload(database, {
    path,
    isBeginning,
    name: fileName,
    format,
    ...(fileOptions === null ? {} : { options: fileOptions }),
    ...(textNames === null ? {} : { textNames }),
    folder,
  });
  const table = await stagedRows(tools, staged.columns, split === null ? 'NULL::VARCHAR' : literal(split), maxRows);
  // The rows are in the table now.
  await rm(folder, { recursive: true });
  return { rowCount: staged.accepted, table, facts: { ...factsOf(staged), formats: [staged.format] } };
}

function factsOf(staged: StagedUpload): Omit<SourceFacts, 'formats'> {
  return {
    rejectedCount: staged.rejected,
    rejectedRows: staged.rows,
    leftOutColumns: staged.leftOut,
    notices: staged.notices,
    header: staged.header,
  };
}

async function joined(tables: readonly RowTable[], { database, names }: RecipeTools): Promise<RowTable> {
  const columns = sharedColumns(tables).map(({ name, type }): TableColumn => {
    const field = names.field();
    return { name, type, field, ...(keepsTexts(type) ? { textField: `${field}_text` } : {}) };
  });
  const selects = tables.map(
    (table, part) =>
      `SELECT ${part} AS part, row, split, made_by, source_row, ${columns
        .flatMap((column) => valuesOf(column, table))
        .join(', ')} FROM ${table.name}`,
  );
  const name = names.table();
  const before = (part: string): string => `(SELECT coalesce(sum(rows), 0) FROM sizes WHERE sizes.part < ${part})`;
  await database.query(
    `CREATE TABLE ${name} AS
     WITH sizes AS (${tables.map((table, part) => `SELECT ${part} AS part, coalesce(max(row) + 1, 0) AS rows FROM ${table.name}`).join(' UNION ALL ')}),
          offsets AS (SELECT part, ${before('s.part')} AS first FROM sizes s)
     SELECT r.* EXCLUDE (part) REPLACE (CAST(r.row + o.first AS BIGINT) AS row, CAST(r.source_row + o.first AS BIGINT) AS source_row)
       FROM (${selects.join(' UNION ALL ')}) r JOIN offsets o USING (part) ORDER BY row`,
  );
  for (const table of tables) await database.query(`DROP TABLE ${table.name}`);
  return { name, columns };
}

/** The values of a column of the whole, and their texts, as one of its tables has them. */
function valuesOf({ name, type, field, textField }: TableColumn, table: RowTable): string[] {
  const own = table.columns.find((column) => column.name === name);
  if (own === undefined) {
    return [`NULL AS ${field}`, ...(textField === undefined ? [] : [`NULL::VARCHAR AS ${textField}`])];
  }
  const text = own.textField ?? `CAST(${own.field} AS VARCHAR)`;
  const value = own.type === type ? own.field : type === 'FLOAT' ? `CAST(${own.field} AS DOUBLE)` : text;
  return [`${value} AS ${field}`, ...(textField === undefined ? [] : [`${text} AS ${textField}`])];
}

function sharedColumns(tables: readonly RowTable[]): { readonly name: string; readonly type: ColumnType }[] {
  const types = new Map<string, ColumnType>();
  const problems: InputProblem[] = [];
  for (const [i, { columns }] of tables.entries()) {
    for (const { name, type } of columns) {
      const known = types.get(name) ?? type;
      const common = commonType(known, type);
      if (common !== null) types.set(name, common);
      else {
        const message = `Column “${name}” holds ${type} here, and ${known} in the sources before.`;
        const hint = 'Leave the column out of one of them, or make versions whose types agree first.';
        problems.push(problem(['sources', String(i)], 'WRONG_COLUMN_TYPE', message, hint));
      }
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return [...types].map(([name, type]) => ({ name, type }));
}
