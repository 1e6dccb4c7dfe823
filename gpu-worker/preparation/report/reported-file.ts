import { isSystemColumn, rowColumn, splitColumn, textColumnOf } from '../../../src/protocol/dataset-layout.js';
import { identifier, literal } from '../../../src/protocol/duckdb-names.js';
import type { SourcedRoles } from '../../../src/protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../../src/protocol/preparation/column-role.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';

export interface FileColumn {
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
  readonly role: ColumnRole | null;
  /** Whether somebody gave that role. It was guessed, or there is none, where nobody did. */
  readonly isGiven: boolean;
}

/** A version's Parquet file with what its columns are for. */
export interface ReportedFile {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  /** The names of all columns in the file, those of texts beside the user's columns among them. */
  readonly names: ReadonlySet<string>;
}

/** What the parts of a report work with. */
export interface ReportTools {
  readonly database: DuckDb;
  /** Says that the work goes on, at least once a second where JavaScript works. Throws when it is to stop. */
  beat(): void;
}

export const row = identifier(rowColumn);
export const split = identifier(splitColumn);

/** Reads which columns a file has. Those without a role have the role null. */
export async function openReportedFile(database: DuckDb, path: string, roles: SourcedRoles): Promise<ReportedFile> {
  const described = await database.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
  );
  const names = new Set(described.map(({ column_name: name }) => name));
  const roleOf = new Map(roles.map((each) => [each.column, each]));
  const columns = described
    .filter(({ column_name: name }) => !isSystemColumn(name))
    .map(({ column_name: name, column_type: type }) => {
      const { role = null, source = null } = roleOf.get(name) ?? {};
      return { name, type, role, isGiven: source === 'SAID' };
    });
  return { path, columns, names };
}

export function withRole(file: ReportedFile, ...roles: readonly ColumnRole[]): FileColumn[] {
  return file.columns.filter(({ role }) => role !== null && roles.includes(role));
}

/** The file as a table expression. */
export function rowsOf(file: ReportedFile): string {
  return `read_parquet(${literal(file.path)})`;
}

export function isList(column: FileColumn): boolean {
  return column.type.endsWith('[]');
}

export function isNumeric(column: FileColumn): boolean {
  return ['BIGINT', 'DOUBLE', 'FLOAT', 'INTEGER', 'HUGEINT', 'SMALLINT', 'TINYINT'].includes(column.type);
}

/** What a column holds in a row, as one text; null where there is no value. */
export function textOf(column: FileColumn): string {
  const value = identifier(column.name);
  return isList(column) ? `array_to_string(${value}, ' ')` : `CAST(${value} AS VARCHAR)`;
}

/** The label in a column of single values, by the text that the user wrote. */
export function labelOf(file: ReportedFile, column: FileColumn): string {
  if (isList(column)) return `CAST(list_sort(${identifier(column.name)}) AS VARCHAR)`;
  const text = textColumnOf(column.name);
  return file.names.has(text) ? identifier(text) : `CAST(${identifier(column.name)} AS VARCHAR)`;
}

/** A query of all labels of a column: (row, split, label); of lists, a row has several. */
export function labelsOf(file: ReportedFile, column: FileColumn): string {
  const label = isList(column) ? `CAST(unnest(${identifier(column.name)}) AS VARCHAR)` : labelOf(file, column);
  return `SELECT row, split, label FROM (SELECT ${row} AS row, ${split} AS split, ${label} AS label FROM ${rowsOf(file)})
    WHERE label IS NOT NULL`;
}

/** Columns that hold what a model reads. */
export function inputColumns(file: ReportedFile): FileColumn[] {
  const inputs = withRole(file, 'TEXT', 'SECOND_TEXT', 'TOKENS', 'PROMPT', 'MESSAGES');
  return inputs.length > 0 ? inputs : withRole(file, 'CHOSEN', 'REJECTED');
}

/** Columns that hold texts, read or written by a model. */
export function contentColumns(file: ReportedFile): FileColumn[] {
  return withRole(file, 'TEXT', 'SECOND_TEXT', 'TOKENS', 'PROMPT', 'COMPLETION', 'MESSAGES', 'CHOSEN', 'REJECTED');
}

/** Columns of texts, whatever they are for: what stands in them goes wherever the version goes. */
export function textColumns(file: ReportedFile): FileColumn[] {
  return file.columns.filter(({ type }) => ['VARCHAR', 'VARCHAR[]', 'JSON'].includes(type));
}

/** Whether nobody has said what a column is for, and nothing shows that a model learns from it. */
export function hasNoUse({ role, isGiven }: FileColumn): boolean {
  return role === null || (role === 'IGNORE' && !isGiven);
}

/** Whether a step may be suggested that drops a column: nobody gave it a role, and no text or label is lost by it. */
export function mayBeDropped(file: ReportedFile, column: FileColumn): boolean {
  return !column.isGiven && ![...contentColumns(file), ...classColumns(file)].includes(column);
}

export function classColumns(file: ReportedFile): FileColumn[] {
  return withRole(file, 'LABEL', 'LABELS', 'TAGS');
}

/** The split that is learnt from: `train`, or else the one that most rows are in. */
export function learntSplit(splits: readonly { readonly split: string; readonly rows: number }[]): string | null {
  const named = splits.find((each) => each.split.toLowerCase() === 'train');
  if (named !== undefined) return named.split;
  return [...splits].sort((a, b) => b.rows - a.rows || (a.split < b.split ? -1 : 1))[0]?.split ?? null;
}
