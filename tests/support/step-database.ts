import { createFreshNames } from '../../gpu-worker/preparation/fresh-names.js';
import type { RowTable, StepTools } from '../../gpu-worker/preparation/row-table.js';
import { type ColumnType, duckDbTypes, isListType } from '../../src/protocol/datasets/column-type.js';
import { openDuckDb } from '../../src/storage/duckdb.js';

export type Value = string | number | boolean | null | readonly (string | number)[];

/** A row of a test: its values by name, and what the system knows of it. */
export interface TestRow {
  readonly values: Readonly<Record<string, Value>>;
  readonly row?: number;
  readonly split?: string | null;
  readonly sourceRow?: number;
}

export interface StepDatabase extends AsyncDisposable {
  readonly tools: StepTools;
  /** Makes a table of rows; a row's number is its place, unless it says so. */
  load(types: Readonly<Record<string, ColumnType>>, rows: readonly TestRow[]): Promise<RowTable>;
  /** The rows in the order of their numbers: values by the columns' names, beside `row` and `split`. */
  rows(table: RowTable): Promise<Record<string, unknown>[]>;
  /** Tables that are there. */
  tables(): Promise<string[]>;
}

/** A database in memory for steps of a recipe. */
export async function openStepDatabase(threads = 2): Promise<StepDatabase> {
  const database = await openDuckDb({ path: ':memory:', threads, memoryLimitMb: 512, temporaryFolder: '' }, 1);
  const names = createFreshNames();
  // Steps about splits and gaps use no more than this.
  const tools = { database, names, beat: () => undefined } as Pick<
    StepTools,
    'database' | 'names' | 'beat'
  > as StepTools;
  return {
    tools,
    async load(types, rows) {
      const name = names.table();
      const columns = Object.entries(types).map(([column, type]) => ({ name: column, type, field: names.field() }));
      const fields = columns.map(({ field, type }, i) => {
        const text = `value->>'$.values[${i}]'`;
        const json = isListType(type) || type === 'JSON' ? `(value->'$.values[${i}]')` : text;
        return `CAST(${isListType(type) ? `nullif(CAST(${json} AS VARCHAR), 'null')::JSON` : json} AS ${duckDbTypes[type]}) AS ${field}`;
      });
      await database.query(
        `CREATE TABLE ${name} AS
         SELECT ${fields.join(', ')}, (value->>'$.row')::BIGINT AS row, value->>'$.split' AS split,
           NULL::VARCHAR AS made_by, (value->>'$.source')::BIGINT AS source_row
         FROM (SELECT unnest(from_json($rows, '["JSON"]')) AS value)`,
        {
          rows: JSON.stringify(
            rows.map(({ values, row, split, sourceRow }, i) => ({
              values: columns.map((column) => values[column.name] ?? null),
              row: row ?? i,
              split: split ?? null,
              source: sourceRow ?? null,
            })),
          ),
        },
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
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
