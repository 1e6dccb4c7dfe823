import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Splits } from './data.js';

/**
 * The same rows for both sides: JSON lines with a split each for Python, and of them a dataset version as ingestion
 * writes it.
 *
 * @param path of the file of JSON lines
 * @param columns names and DuckDB types of what rows have
 * @returns the version's digest
 */
export async function writeRows(
  store: ArtifactStore,
  path: string,
  columns: Readonly<Record<string, string>>,
  splits: Splits,
): Promise<string> {
  const rows = Object.entries(splits).flatMap(([split, rows]) =>
    rows.map((row: object) => ({ [splitColumn]: split, ...row })),
  );
  writeFileSync(path, rows.map((row, index) => `${JSON.stringify({ [rowColumn]: index, ...row })}\n`).join(''));
  const types = Object.entries({ [rowColumn]: 'BIGINT', [splitColumn]: 'VARCHAR', ...columns });
  const parquet = `${path}.parquet`;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(
      `COPY (FROM read_json(${literal(path)}, format = 'newline_delimited',
         columns = {${types.map(([name, type]) => `${name}: ${literal(type)}`).join(', ')}}))
       TO ${literal(parquet)} (FORMAT parquet)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return (await store.adopt(parquet)).digest;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
