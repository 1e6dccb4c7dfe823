import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rowColumn, textColumnOf } from '../../protocol/dataset-layout.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../dataset.reads.js';
import { type DuckDb, identifier, literal, openDuckDb } from '../duckdb.js';
import type { LeftOutColumn } from '../left-out-column.js';
import type { SplitRequest } from '../split-request.js';
import { assignSplits } from './assign-splits.js';
import { reportColumns } from './column-report.js';
import type { IngestionSettings } from './ingest.js';
import { toSplitPlan } from './split-plan.js';
import { type StagedColumn, stagedName, stagedTable, valueTextOf } from './staging.js';
import { writeVersion } from './write-version.js';

export interface ResplitRequest {
  /** The Parquet file of a version. */
  readonly path: string;
  readonly columns: readonly StoredColumn[];
  readonly leftOutColumns: readonly LeftOutColumn[];
  readonly exampleCount: number;
  readonly split: SplitRequest;
  /** A folder that does not exist yet, on the file system of the artifact store. */
  readonly folder: string;
}

/**
 * Writes the rows of a version anew, in their order, with other splits. What the rows are is not looked at again: types
 * and texts are those of the version, whatever this release would make of its file. The same plan gives the same bytes
 * as the version has, if this release wrote it.
 * @throws ProblemsError for problems of the split request
 */
export async function resplit(
  request: ResplitRequest,
  settings: IngestionSettings,
): Promise<{ readonly path: string; readonly splits: readonly StoredSplit[]; readonly splitPlan: StoredSplitPlan }> {
  const { exampleCount, split, folder } = request;
  await mkdir(folder, { recursive: true });
  const database = await openDuckDb({ ...settings, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const columns = await stageVersion(database, request);
    const splitPlan = toSplitPlan(split, columns, request.leftOutColumns);
    const splits = await assignSplits(database, columns, splitPlan);
    const { bytes, withTexts } = await reportColumns(database, columns);
    const path = join(folder, 'version.parquet');
    await writeVersion(database, columns, withTexts, { path, rows: exampleCount, bytes });
    return { path, splits, splitPlan };
  } finally {
    database.close();
  }
}

/** Fills the staged table with the values of a version's file, and their texts where it keeps them. */
async function stageVersion(database: DuckDb, { path, columns }: ResplitRequest): Promise<StagedColumn[]> {
  const file = `read_parquet(${literal(path)})`;
  const described = await database.query<{ column_name: string }>(`DESCRIBE SELECT * FROM ${file}`);
  const kept = new Set(described.map(({ column_name: name }) => name));
  const values: string[] = [];
  const staged = columns.map(({ name, type }, i): StagedColumn => {
    values.push(`${identifier(name)} AS ${stagedName(i)}`);
    const column = { name, type, expression: stagedName(i) };
    // A file keeps no texts of a column where each is that of its value.
    if (!kept.has(textColumnOf(name))) return { ...column, text: valueTextOf(column) };
    const text = `${stagedName(i)}_text`;
    values.push(`${identifier(textColumnOf(name))} AS ${text}`);
    return { ...column, text };
  });
  await database.query(
    `CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM ${file} ORDER BY ${identifier(rowColumn)}`,
  );
  return staged;
}
