import { rowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import { duckDbTypes } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { maxObjectBytes } from '../ingestion/staging.js';
import type { VersionFile } from './exported-columns.js';

/** The split of rows that have none. */
const onlySplit = 'all';

/**
 * Writes JSON Lines that the platform made as the file of a version, in the order of the lines. Keys that a line lacks
 * are missing values.
 * @param to a new file
 */
export async function linesAsVersion(
  database: DuckDb,
  { path, columns }: VersionFile,
  to: string,
): Promise<VersionFile> {
  const types = columns.map(({ name, type }) => `${identifier(name)}: ${literal(duckDbTypes[type])}`);
  await database.query('SET threads = 1');
  await database.query(
    `COPY (SELECT row_number() OVER () - 1 AS ${identifier(rowColumn)}, ${literal(onlySplit)} AS ${identifier(splitColumn)}, *
             FROM read_json(${literal(path)}, format = 'newline_delimited', compression = 'uncompressed',
                            columns = {${types.join(', ')}}, maximum_object_size = ${maxObjectBytes}))
       TO ${literal(to)} (FORMAT parquet, PRESERVE_ORDER true)`,
  );
  return { path: to, columns };
}
