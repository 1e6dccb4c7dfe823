import { tmpdir } from 'node:os';
import { createFreshNames } from '../../gpu-worker/preparation/fresh-names.js';
import type { RowTable, StepOutcome, StepTools } from '../../gpu-worker/preparation/row-table.js';
import { type ColumnType, duckDbTypes } from '../../src/protocol/datasets/column-type.js';
import { type DuckDb, literal, openDuckDb } from '../../src/storage/duckdb.js';

export interface GivenRow {
  readonly split?: string | null;
  readonly values: readonly unknown[];
}

/** A database in memory for steps, and tables of rows for them. */
export async function openRowTables() {
  const settings = { path: ':memory:', threads: 2, memoryLimitMb: 512, temporaryFolder: tmpdir() };
  const database = await openDuckDb(settings, 1);
  const names = createFreshNames();
  const paths = new Map<string, string>();
  let beats = 0;
  const tools: StepTools = {
    database,
    names,
    beat: () => {
      beats++;
    },
    versionPath: async (id) => paths.get(id)!,
    tokenCounter: async (model) => {
      throw new Error(`There is no model ${model}.`);
    },
    step: 0,
    maskedModel: async () => {
      throw new Error('no model is there');
    },
  };

  return {
    database,
    tools,
    /** Where the files of dataset versions are, by their ids. */
    paths,
    beats: () => beats,
    /** Makes a table of columns by their types; rows are numbered from 0. */
    async table(types: Readonly<Record<string, ColumnType>>, rows: readonly GivenRow[]): Promise<RowTable> {
      const columns = Object.entries(types).map(([name, type]) => ({ name, type, field: names.field() }));
      const name = names.table();
      const fields = columns.map(({ field, type }) => `${field} ${duckDbTypes[type]}`);
      await database.query(
        `CREATE TABLE ${name} (row BIGINT, split VARCHAR, made_by VARCHAR, source_row BIGINT, ${fields.join(', ')})`,
      );
      const written = rows.map(({ split, values }, row) => {
        const given = split === undefined || split === null ? 'NULL' : literal(split);
        const literals = values.map((value, i) => literalOf(value, duckDbTypes[columns[i]!.type]));
        return `(${[row, given, 'NULL', 'NULL', ...literals].join(', ')})`;
      });
      if (written.length > 0) await database.query(`INSERT INTO ${name} VALUES ${written.join(', ')}`);
      return { name, columns };
    },
    [Symbol.dispose]: () => database.close(),
  };
}

function literalOf(value: unknown, type: string): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'JSON') return `${literal(JSON.stringify(value))}::JSON`;
  if (Array.isArray(value)) return `from_json(${literal(JSON.stringify(value))}, '["${type.replace('[]', '')}"]')`;
  return `CAST(${literal(String(value))} AS ${type})`;
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
