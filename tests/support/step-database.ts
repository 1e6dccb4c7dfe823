import { tmpdir } from 'node:os';
import { createFreshNames } from '../../gpu-worker/preparation/fresh-names.js';
import type { RowTable, StepOutcome, StepTools } from '../../gpu-worker/preparation/row-table.js';
import { type ColumnType, duckDbTypes, isListType } from '../../src/protocol/datasets/column-type.js';
import { type DuckDb, openDuckDb } from '../../src/storage/duckdb.js';

export type Value = string | number | boolean | null | readonly (string | number)[];

/** A row of a test, and what the system knows of it. */
export interface TestRow {
  /** By the names of the columns, or in their order. */
  readonly values: Readonly<Record<string, unknown>> | readonly unknown[];
  /** Default: its place. */
  readonly row?: number;
  readonly split?: string | null;
  readonly sourceRow?: number;
}

export interface StepDatabase extends Disposable {
  readonly database: DuckDb;
  readonly tools: StepTools;
  /** Where the files of dataset versions are, by their ids. */
  readonly paths: Map<string, string>;
  /** How many signs of life there were. */
  beats(): number;
  /** Makes a table of rows. */
  load(types: Readonly<Record<string, ColumnType>>, rows: readonly TestRow[]): Promise<RowTable>;
  /** The rows in the order of their numbers: values by the columns' names, beside `row` and `split`. */
  rows(table: RowTable): Promise<Record<string, unknown>[]>;
  /** Tables that are there. */
  tables(): Promise<string[]>;
}

/** A database in memory for steps of a recipe. There are no models. */
export async function openStepDatabase(threads = 2): Promise<StepDatabase> {
  const settings = { path: ':memory:', threads, memoryLimitMb: 512, temporaryFolder: tmpdir() };
  const database = await openDuckDb(settings, 1);
  const names = createFreshNames();
  const paths = new Map<string, string>();
  let beats = 0;
  const noModel = async (model: string): Promise<never> => {
    throw new Error(`There is no model ${model}.`);
  };
  const tools: StepTools = {
    database,
    names,
    beat: () => {
      beats++;
    },
    versionPath: async (id) => paths.get(id)!,
    tokenCounter: noModel,
    maskedModel: noModel,
    step: 0,
  };
  return {
    database,
    tools,
    paths,
    beats: () => beats,
    async load(types, rows) {
      const name = names.table();
      const columns = Object.entries(types).map(([column, type]) => ({ name: column, type, field: names.field() }));
      const fields = columns.map(({ field, type }, i) => `${read(type, `$.values[${i}]`)} AS ${field}`);
      const written = rows.map(({ values, row, split, sourceRow }, i) => ({
        values: columns.map((column, place) => writable(Array.isArray(values) ? values[place] : named(values, column))),
        row: row ?? i,
        split: split ?? null,
        source: sourceRow ?? null,
      }));
      await database.query(
        `CREATE TABLE ${name} AS
         SELECT ${fields.join(', ')}, (value->>'$.row')::BIGINT AS row, value->>'$.split' AS split,
           NULL::VARCHAR AS made_by, (value->>'$.source')::BIGINT AS source_row
         FROM (SELECT unnest(from_json($rows, '["JSON"]')) AS value)`,
        { rows: JSON.stringify(written) },
      );
      return { name, columns };
    },
    async rows({ name, columns }) {
      const found = await database.query<Record<string, unknown>>(`SELECT * FROM ${name} ORDER BY row`);
      return found.map((row) => ({
        ...Object.fromEntries(columns.map((column) => [column.name, plain(row[column.field])])),
        row: Number(row.row),
        split: row.split,
      }));
    },
    async tables() {
      const found = await database.query<{ name: string }>('SELECT table_name AS name FROM duckdb_tables() ORDER BY 1');
      return found.map(({ name }) => name);
    },
    [Symbol.dispose]: () => database.close(),
  };
}

/** The numbers of the rows of a table, ascending. */
export async function rowNumbers(database: DuckDb, { name }: RowTable): Promise<readonly number[]> {
  const rows = await database.query<{ row: number }>(`SELECT row::DOUBLE AS row FROM ${name} ORDER BY row`);
  return rows.map(({ row }) => row);
}

/** What a step notes of rows. */
export async function notesOf(
  database: DuckDb,
  { notes }: StepOutcome,
): Promise<readonly { readonly row: number; readonly other: number | null; readonly reason: string }[]> {
  return database.query(`SELECT row::DOUBLE AS row, other_row::DOUBLE AS other, reason FROM ${notes} ORDER BY row`);
}

/** SQL of DuckDB: the value of a column at a path of the JSON `value`. */
function read(type: ColumnType, path: string): string {
  if (!isListType(type) && type !== 'JSON') return `CAST(value->>'${path}' AS ${duckDbTypes[type]})`;
  return `CAST(nullif(CAST(value->'${path}' AS VARCHAR), 'null')::JSON AS ${duckDbTypes[type]})`;
}

function named(values: TestRow['values'], { name }: { readonly name: string }): unknown {
  return (values as Readonly<Record<string, unknown>>)[name];
}

/** A value as JSON can hold it: numbers that JSON has not are texts, which a column of numbers reads. */
function writable(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
  return Array.isArray(value) ? value.map(writable) : value;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
