import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { literal, openDuckDb } from '../../../src/storage/duckdb.js';
import { assignedTable, assignSplits } from './assign-splits.js';
import { reportColumns } from './column-report.js';
import type { IngestionSettings } from './ingest.js';
import { toSplitPlan } from './split-plan.js';
import { commonType, type StoredFile, stageStored } from './stage-stored.js';
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
    const columns = await stageStored(database, [request], request.columns);
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

/**
 * Joins the rows of versions: each version becomes a split. Columns are those of all of them; a version that lacks one
 * has no values there.
 * @throws ProblemsError for columns whose types have nothing in common
 */
export async function joinVersions(
  request: {
    readonly parts: readonly (StoredFile & { readonly split: string; readonly exampleCount: number })[];
    readonly folder: string;
  },
  settings: IngestionSettings,
): Promise<{
  readonly path: string;
  readonly columns: readonly StoredColumn[];
  readonly splits: readonly StoredSplit[];
}> {
  const { parts, folder } = request;
  const shared = sharedColumns(parts);
  await mkdir(folder, { recursive: true });
  const database = await openDuckDb({ ...settings, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const columns = await stageStored(database, parts, shared);
    await database.query(
      `CREATE TABLE ${assignedTable} AS ${parts
        .map(({ split, exampleCount }) => `SELECT ${literal(split)} AS split FROM range(${exampleCount})`)
        .join(' UNION ALL ')}`,
    );
    const report = await reportColumns(database, columns);
    const path = join(folder, 'version.parquet');
    const rows = parts.reduce((sum, { exampleCount }) => sum + exampleCount, 0);
    await writeVersion(database, columns, report.withTexts, { path, rows, bytes: report.bytes });
    const splits = parts.map(({ split, exampleCount }) => ({ name: split, exampleCount }));
    return { path, columns: report.columns, splits };
  } finally {
    database.close();
  }
}

function sharedColumns(parts: readonly StoredFile[]): Pick<StoredColumn, 'name' | 'type'>[] {
  const types = new Map<string, StoredColumn['type']>();
  const problems: InputProblem[] = [];
  for (const [i, { columns }] of parts.entries()) {
    for (const { name, type } of columns) {
      const known = types.get(name) ?? type;
      const common = commonType(known, type);
      if (common !== null) types.set(name, common);
      else {
        const message = `Column “${name}” holds ${type} here, and ${known} in the parts before.`;
        problems.push(problem(['parts', String(i), 'datasetVersionId'], 'WRONG_COLUMN_TYPE', message));
      }
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return [...types].map(([name, type]) => ({ name, type }));
}
