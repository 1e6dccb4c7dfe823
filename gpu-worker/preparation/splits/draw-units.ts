import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import { type Division, divideUnits } from './divide-units.js';
import { type LabelColumn, readKinds } from './kinds-of-units.js';
import { sendShares } from './send-shares.js';
import type { UnitKinds } from './unit-kinds.js';

/** Units to draw, as a table of their rows. */
export interface UnitsToDraw {
  /** The rows to draw: has `row BIGINT` and `unit BIGINT`, one of the rows of its unit. */
  readonly units: string;
  /** Has these rows, and perhaps others, with `row`. */
  readonly table: string;
  /** SQL expression over `table` of the list of a row's labels, each once; null: rows have none. */
  readonly labels: { readonly list: string; readonly from: LabelColumn } | null;
  /** SQL expression over `table` of the text that the lot of a unit is drawn by, taken from the row it is named by. */
  readonly identity: string;
}

/**
 * Draws a split for each unit, stratified by its labels (`divideUnits`). Kinds of units, with as many rows and the same
 * labels, get their shares; which units of a kind fill which share is decided by md5(seed, identity), so that the
 * result depends on seed and values alone, on any machine and with any number of threads.
 *
 * DuckDB holds 40 bytes a unit and 16 a label of a unit, and may have them on disk; this process holds the kinds.
 *
 * Makes the table `into (row BIGINT, part INTEGER)`: the index of the fraction.
 * @throws ProblemsError for too many labels
 */
export async function drawUnits(
  database: DuckDb,
  drawn: UnitsToDraw,
  division: Division,
  into: string,
  beat: () => void,
): Promise<void> {
  const [whole, kinds, shares] = [`${into}_units`, `${into}_kinds`, `${into}_shares`];
  const from = drawn.labels?.from ?? null;
  const labels = drawn.labels === null ? null : await labelsOfUnits(database, drawn, drawn.labels.list, into);
  beat();
  await wholeUnits(database, drawn, division.seed, labels, whole);
  beat();
  // Any unit stands for its kind; it is the first for the sake of order.
  await database.query(
    `CREATE TABLE ${kinds} AS
     SELECT row_number() OVER (ORDER BY likeness) - 1 AS kind, likeness, units, rows, unit
     FROM (SELECT likeness, count(*) AS units, any_value(rows) AS rows, min(unit) AS unit FROM ${whole} GROUP BY likeness)`,
  );
  beat();
  const read = await readKinds(database, { kinds, labels }, from, beat);
  await sendShares(database, divideAll(read, division, from), division.fractions.length, shares, beat);
  await database.query(
    `CREATE TABLE ${into} AS
     WITH placed AS (
       SELECT unit, likeness, row_number() OVER (PARTITION BY likeness ORDER BY ticket, unit) - 1 AS place FROM ${whole}
     ), parts AS (
       SELECT placed.unit, len(list_filter(s.ends, upper -> upper <= placed.place))::INTEGER AS part
       FROM placed JOIN ${kinds} USING (likeness) JOIN ${shares} s USING (kind)
     )
     SELECT u.row, parts.part FROM ${drawn.units} u JOIN parts USING (unit)`,
  );
  for (const each of [whole, kinds, shares, ...(labels === null ? [] : [labels])]) {
    await database.query(`DROP TABLE ${each}`);
  }
}

/** Makes a table of `unit`, `label` and `rows`: how many rows of the unit have the label. */
async function labelsOfUnits(
  database: DuckDb,
  { units, table }: UnitsToDraw,
  list: string,
  into: string,
): Promise<string> {
  const [names, labels] = [`${into}_names`, `${into}_labels`];
  await database.query(
    `CREATE TABLE ${names} AS
     SELECT name, row_number() OVER (ORDER BY name) - 1 AS label
     FROM (SELECT DISTINCT unnest(${list}) AS name FROM ${table} WHERE row IN (SELECT row FROM ${units}))`,
  );
  await database.query(
    `CREATE TABLE ${labels} AS
     SELECT unit, label::INTEGER AS label, count(*)::INTEGER AS rows
     FROM (SELECT u.unit, unnest(${list}) AS name FROM ${units} u JOIN ${table} t USING (row)) JOIN ${names} USING (name)
     GROUP BY unit, label`,
  );
  await database.query(`DROP TABLE ${names}`);
  return labels;
}

/**
 * Makes a table of `unit`, `rows`, `likeness` and `ticket`. Units of one kind have the same likeness: the sum of
 * digests of their labels and how many rows have each, of 64 bits, since a sum needs no list of them, nor their order.
 */
async function wholeUnits(
  database: DuckDb,
  { units, table, identity }: UnitsToDraw,
  seed: number,
  labels: string | null,
  into: string,
): Promise<void> {
  const digests = labels === null ? null : `${into}_digests`;
  if (digests !== null) {
    await database.query(
      `CREATE TABLE ${digests} AS
       SELECT unit, sum(md5_number_lower(label || ':' || rows)::HUGEINT) AS digest FROM ${labels} GROUP BY unit`,
    );
  }
  const digest = digests === null ? '0' : 'coalesce(d.digest, 0)';
  await database.query(
    `CREATE TABLE ${into} AS
     SELECT w.unit, w.rows, md5_number(w.rows || ':' || ${digest}) AS likeness,
            md5_number($seed || ':' || ${identity}) AS ticket
     FROM (SELECT unit, count(*)::INTEGER AS rows FROM ${units} GROUP BY unit) w
       JOIN ${table} t ON t.row = w.unit ${digests === null ? '' : `LEFT JOIN ${digests} d ON d.unit = w.unit`}`,
    { seed: String(seed) },
  );
  if (digests !== null) await database.query(`DROP TABLE ${digests}`);
}

function divideAll(kinds: UnitKinds, division: Division, from: LabelColumn | null): Int32Array {
  try {
    return divideUnits(kinds, division);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `Column “${from?.column}” has too many pairs of labels: ${error.message}.`;
    const hint = 'Stratify by the labels without their pairs.';
    throw new ProblemsError([problem(from?.path ?? [], 'INVALID_VALUE', message, hint)]);
  }
}
