import type { DropMissing } from '../../../src/protocol/preparation/steps/gaps.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumns } from '../columns-of-step.js';
import { isMissing } from '../missing-values.js';
import type { RunStep } from '../row-table.js';

export const runDropMissing: RunStep<DropMissing> = async (step, table, { database, names }) => {
  const columns = namedColumns(table, step.columns, null);
  const conditions = columns.map((column) => isMissing(column, step.blankIsMissing));
  const dropped = conditions.join(step.when === 'ANY' ? ' OR ' : ' AND ');
  const [name, notes] = [names.table(), names.table()];
  await database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE NOT (${dropped})`);
  const missing = columns.map((column, i) => `CASE WHEN ${conditions[i]} THEN ${literal(`“${column.name}”`)} END`);
  await database.query(
    `CREATE TABLE ${notes} AS
     SELECT row, NULL::BIGINT AS other_row, 'There is no value in ' || concat_ws(', ', ${missing.join(', ')}) || '.' AS reason
     FROM ${table.name} WHERE ${dropped}`,
  );
  return { table: { name, columns: table.columns }, notes, onlyDrops: true };
};
