import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { duckDbTypes } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { maxObjectBytes, stagedName, stagedTable } from './staging.js';

/** Makes the staged table from rows that a scanner has rewritten, one object on each line. */
export async function readRewritten(database: DuckDb, path: string, types: readonly ColumnType[]): Promise<void> {
  const columns = types.map((type, index) => `${literal(stagedName(index))}: ${literal(duckDbTypes[type])}`);
  await database.query(
    `CREATE TABLE ${stagedTable} AS
     SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', compression = 'uncompressed',
       maximum_object_size = ${maxObjectBytes}, columns = {${columns.join(', ')}})`,
  );
}
