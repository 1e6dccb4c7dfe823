import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import { maxStrata } from '../ingestion/draw-by-strata.js';
import type { UnitKinds } from './unit-kinds.js';

/** Kinds read with one statement. */
const pageKinds = 20_000;

/** The most labels of all kinds together: 16 bytes each. */
const mostEntries = 30_000_000;

/** Where the labels of rows come from, for messages. */
export interface LabelColumn {
  readonly column: string;
  readonly path: readonly string[];
}

/** Tables about units. */
export interface KindTables {
  /** Has kind (0, 1, …), units, rows, and unit: one of the kind. */
  readonly kinds: string;
  /** Has unit, label (0, 1, …) and rows: how many rows of the unit have the label. Null: there are no labels. */
  readonly labels: string | null;
}

/**
 * Reads kinds of units, in their order.
 * @throws ProblemsError for more than 10,000 different labels, or more than fit in memory
 */
export async function readKinds(
  database: DuckDb,
  tables: KindTables,
  from: LabelColumn | null,
  beat: () => void,
): Promise<UnitKinds> {
  const entries = `${tables.kinds}_entries`;
  await database.query(
    `CREATE TABLE ${entries} AS ${
      tables.labels === null
        ? 'SELECT 0 AS kind, 0 AS label, 0 AS rows WHERE false'
        : `SELECT k.kind, l.label, l.rows FROM ${tables.kinds} k JOIN ${tables.labels} l USING (unit) ORDER BY kind, label`
    }`,
  );
  const sizes = await sizesOf(database, tables.kinds, entries);
  checkSizes(sizes, from);
  const units = new Int32Array(sizes.kinds);
  const rows = new Int32Array(sizes.kinds);
  const starts = new Int32Array(sizes.kinds + 1);
  const labels = new Int32Array(sizes.entries);
  const occurrences = new Int32Array(sizes.entries);
  await eachPage(database, tables.kinds, 'kind, units, rows', sizes.kinds, beat, ([kind, count, size]) => {
    units[Number(kind)] = Number(count);
    rows[Number(kind)] = Number(size);
  });
  let end = 0;
  await eachPage(database, entries, 'kind, label, rows', sizes.kinds, beat, ([kind, label, count]) => {
    labels[end] = Number(label);
    occurrences[end] = Number(count);
    end++;
    starts[Number(kind) + 1] = end;
  });
  // Kinds without labels end where the one before them does.
  for (let kind = 0; kind < sizes.kinds; kind++) starts[kind + 1] = Math.max(starts[kind]!, starts[kind + 1]!);
  await database.query(`DROP TABLE ${entries}`);
  return { units, rows, starts, labels, occurrences, labelCount: sizes.labels };
}

interface Sizes {
  readonly kinds: number;
  readonly entries: number;
  readonly labels: number;
}

async function sizesOf(database: DuckDb, kinds: string, entries: string): Promise<Sizes> {
  const [sizes] = await database.query<Sizes>(
    `SELECT (SELECT count(*) FROM ${kinds})::DOUBLE AS kinds, count(*)::DOUBLE AS entries,
            coalesce(max(label) + 1, 0)::DOUBLE AS labels FROM ${entries}`,
  );
  return sizes!;
}

function checkSizes({ labels, entries }: Sizes, from: LabelColumn | null): void {
  if (labels <= maxStrata && entries <= mostEntries) return;
  const message =
    labels > maxStrata
      ? `Column “${from?.column}” has ${labels} different labels, more than ${maxStrata}.`
      : `Column “${from?.column}” has ${entries} labels in rows that are not alike, more than ${mostEntries}.`;
  throw new ProblemsError([problem(from?.path ?? [], 'INVALID_VALUE', message, 'Stratify by a column of labels.')]);
}

/** Reads the rows of a table by their kinds, in the order of all columns. */
async function eachPage(
  database: DuckDb,
  table: string,
  columns: string,
  kinds: number,
  beat: () => void,
  take: (row: readonly unknown[]) => void,
): Promise<void> {
  for (let start = 0; start < kinds; start += pageKinds) {
    const { rows } = await database.read(
      `SELECT ${columns} FROM ${table} WHERE kind >= ${start} AND kind < ${start + pageKinds} ORDER BY ${columns}`,
    );
    for (const row of rows) take(row);
    beat();
  }
}
