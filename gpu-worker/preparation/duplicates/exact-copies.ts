import type { StepTools } from '../row-table.js';
import type { ComparedRows } from './compared-rows.js';

/**
 * Makes the table of rows whose compared values are all equal to those of another row: `source`, `row` and the number
 * of their set, `cluster BIGINT`. Values are compared where their hashes are equal, so that a hash that two different
 * texts have decides nothing.
 */
export async function findExactCopies(
  { sql, values }: ComparedRows,
  { database, names, beat }: StepTools,
): Promise<string> {
  const copies = names.table();
  const key = `hash(${values.join(', ')})`;
  const equal = values.map((value) => `one.${value} IS NOT DISTINCT FROM other.${value}`).join(' AND ');
  beat();
  await database.query(
    `CREATE TABLE ${copies} AS
     WITH compared AS (${sql}),
       present AS (SELECT source, row, ${values.join(', ')}, ${key} AS key FROM compared
         WHERE coalesce(${values.map((value) => `CAST(${value} AS VARCHAR)`).join(', ')}) IS NOT NULL),
       twice AS (SELECT key FROM present GROUP BY key HAVING count(*) > 1),
       candidates AS MATERIALIZED (SELECT * FROM present SEMI JOIN twice USING (key)),
       sets AS (SELECT key, ${values.join(', ')}, row_number() OVER () AS cluster
         FROM candidates GROUP BY key, ${values.join(', ')} HAVING count(*) > 1)
     SELECT one.source, one.row, other.cluster FROM candidates one JOIN sets other ON one.key = other.key AND ${equal}`,
  );
  beat();
  return copies;
}
