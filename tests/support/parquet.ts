import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** The bytes of a Parquet file with the result of a DuckDB query. */
export async function parquetOf(select: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-parquet-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const path = join(folder, 'rows.parquet');
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
    return await readFile(path);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rows of a Parquet file, with the values of DuckDB's JSON: numbers are numbers. */
export async function rowsOfParquet<Row>(path: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll('SELECT to_json(r) AS row FROM read_parquet($path) r', { path });
    return (result.getColumns()[0] as string[]).map((row) => JSON.parse(row) as Row);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
