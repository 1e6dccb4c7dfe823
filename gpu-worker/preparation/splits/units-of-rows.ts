import type { DuckDb } from '../../../src/storage/duckdb.js';
import { createJoinedRows, type JoinedRows } from './joined-rows.js';

/**
 * Why rows belong together: they have the same value of an SQL expression, or the same `cluster` in a table of `row`
 * and `cluster`. A row without a value is alone by it.
 */
export type RowLink = { readonly value: string } | { readonly clusters: string };

/** Rows sent to DuckDB with one statement, as JSON. */
const pageRows = 100_000;

/**
 * Makes the table `into (row BIGINT, unit BIGINT)`: the unit of each row is the first row of its set, where a chain of
 * links leads from each row of a set to each other. One link, or none, is done by DuckDB alone; several take 4 bytes a
 * row, and the time to read the rows that are linked at all.
 */
export async function unitsOfRows(
  database: DuckDb,
  table: string,
  links: readonly RowLink[],
  into: string,
  beat: () => void,
): Promise<void> {
  if (links.length === 0) {
    await database.query(`CREATE TABLE ${into} AS SELECT row, row AS unit FROM ${table}`);
    return;
  }
  if (links.length === 1) {
    await database.query(`CREATE TABLE ${into} AS ${linkedRows(table, links[0]!)}`);
    return;
  }
  const numbered = `${into}_numbered`;
  await database.query(
    `CREATE TABLE ${numbered} AS SELECT row, row_number() OVER (ORDER BY row) - 1 AS number FROM ${table}`,
  );
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${numbered}`);
  const joined = createJoinedRows(found!.rows);
  for (const link of links) await join(database, { table, link, numbered, joined, beat });
  await writeUnits(database, numbered, joined, found!.rows, into, beat);
  await database.query(`DROP TABLE ${numbered}`);
}

/** Each row and the first row with the same value. */
function linkedRows(table: string, link: RowLink): string {
  // A digest of 16 bytes takes the place of texts of any length.
  const keyed =
    'value' in link
      ? `SELECT row, md5_number(CAST(${link.value} AS VARCHAR)) AS key FROM ${table}`
      : `SELECT t.row, c.cluster AS key FROM ${table} t LEFT JOIN ${link.clusters} c USING (row)`;
  return `WITH keyed AS (${keyed}),
               firsts AS (SELECT key, min(row) AS first FROM keyed WHERE key IS NOT NULL GROUP BY key)
          SELECT keyed.row, coalesce(firsts.first, keyed.row) AS unit FROM keyed LEFT JOIN firsts USING (key)`;
}

async function join(
  database: DuckDb,
  work: {
    readonly table: string;
    readonly link: RowLink;
    readonly numbered: string;
    readonly joined: JoinedRows;
    readonly beat: () => void;
  },
): Promise<void> {
  const { table, link, numbered, joined, beat } = work;
  const edges = `${numbered}_edges`;
  await database.query(
    `CREATE TABLE ${edges} AS
     SELECT n.number::INTEGER AS number, f.number::INTEGER AS first
     FROM (${linkedRows(table, link)}) linked JOIN ${numbered} n USING (row) JOIN ${numbered} f ON f.row = linked.unit
     WHERE linked.unit <> linked.row`,
  );
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${edges}`);
  for (let start = 0; start < found!.rows; start += pageRows) {
    const { rows } = await database.read(
      `SELECT number, first FROM ${edges} WHERE rowid >= ${start} AND rowid < ${start + pageRows}`,
    );
    for (const [number, first] of rows) joined.join(number as number, first as number);
    beat();
  }
  await database.query(`DROP TABLE ${edges}`);
}

async function writeUnits(
  database: DuckDb,
  numbered: string,
  joined: JoinedRows,
  rows: number,
  into: string,
  beat: () => void,
): Promise<void> {
  const moved = `${numbered}_moved`;
  await database.query(`CREATE TABLE ${moved} (number BIGINT, first BIGINT)`);
  let page: [number, number][] = [];
  const send = async (): Promise<void> => {
    await database.query(
      `INSERT INTO ${moved} SELECT pair[1], pair[2] FROM (SELECT unnest(from_json($page, '[["BIGINT"]]')) AS pair)`,
      { page: JSON.stringify(page) },
    );
    page = [];
    beat();
  };
  for (let row = 0; row < rows; row++) {
    const first = joined.firstOf(row);
    if (first === row) continue;
    page.push([row, first]);
    if (page.length === pageRows) await send();
  }
  if (page.length > 0) await send();
  await database.query(
    `CREATE TABLE ${into} AS
     SELECT n.row, coalesce(f.row, n.row) AS unit
     FROM ${numbered} n LEFT JOIN ${moved} m USING (number) LEFT JOIN ${numbered} f ON f.number = m.first`,
  );
  await database.query(`DROP TABLE ${moved}`);
}
