import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemsError, problem } from '../../src/problems/problem.js';
import type { ExportedFile } from '../../src/protocol/job.js';
import { type ExportRowsJob, type LeftOutRow, maxLeftOutRows } from '../../src/protocol/preparation/export-job.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import { openDuckDb } from '../../src/storage/duckdb.js';
import { StorageError, systemErrorCode, toStorageError } from '../../src/storage/storage-error.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { verifiedPath } from '../../src/storage/verified-path.js';
import { exportRows } from '../preparation/export/export-rows.js';
import { linesAsVersion } from '../preparation/export/lines-as-version.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { withinQuota } from '../transfer-jobs/within-quota.js';
import { type DataTools, missingFile } from './prepare.js';
import { stopsWork } from './stops-work.js';

/** One connection: statements follow one another. */
const connections = 1;
const lookIntervalMs = 200;

/**
 * Writes the rows of a dataset version into files. What was written is stored when all files are complete, so that a
 * job that fails leaves none.
 * @throws ProblemsError MISSING_ARTIFACT, NO_ROWS_LEFT, DISK_FULL; ProblemError QUOTA_EXCEEDED; RunStopped
 */
export async function writeOut(
  job: ExportRowsJob,
  context: JobContext,
  { store, folder, ingestion }: DataTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const work = join(folder, temporaryName());
  const stops = stopsWork(context);
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    const path = await verifiedPath(store, job.version.digest).catch((error: unknown) => {
      throw missingFile(error, job.isLines ? 'feedback' : 'version');
    });
    const written = await writeFiles(job, path, work, { ...ingestion, cancellation: stops.signal }, (rows, bytes) => {
      context.progressed({ rowsDone: rows, rowsTotal: job.rowCount, bytesWritten: bytes });
      stops.beat();
    });
    if (written.rowCount === 0 && written.leftOutCount > 0) throw nothingToHold(written);
    const { requireRoom } = withinQuota(store, context.storageLeftBytes);
    requireRoom(written.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const files: ExportedFile[] = [];
    const artifacts: ArtifactRecord[] = [];
    for (const { name, path: file } of written.files) {
      const stored = await store.adopt(file);
      files.push({ name, ...stored });
      artifacts.push({ ...stored, mediaType: mediaTypeOf(job.request.format) });
    }
    const { rowCount, leftOutCount, leftOut } = written;
    const result = { kind: 'exportRows' as const, files, rowCount, leftOutCount, leftOut: [...leftOut] };
    return { kind: 'finished', result, model: null, files: artifacts };
  } catch (error) {
    throw toProblem(error);
  } finally {
    stops.end();
    await rm(work, { recursive: true, force: true });
  }
}

interface Written {
  readonly files: readonly { readonly name: string; readonly path: string; readonly sizeBytes: number }[];
  readonly rowCount: number;
  readonly leftOutCount: number;
  readonly leftOut: readonly LeftOutRow[];
}

/** @param tell called with the rows and bytes so far */
async function writeFiles(
  { version, isLines, request, files }: ExportRowsJob,
  path: string,
  work: string,
  settings: Omit<DataTools['ingestion'], 'cancellation'> & { readonly cancellation: () => AbortSignal },
  tell: (rows: number, bytes: number) => void,
): Promise<Written> {
  const options = { ...settings, path: ':memory:', temporaryFolder: join(work, 'spill') };
  const database = await openDuckDb(options, connections);
  const done: { name: string; path: string; sizeBytes: number }[] = [];
  const leftOut: LeftOutRow[] = [];
  let [rowCount, leftOutCount, bytes] = [0, 0, 0];
  try {
    tell(0, 0);
    const { columns } = version;
    const file = isLines ? await linesAsVersion(database, { path, columns }, join(work, 'rows')) : { path, columns };
    for (const [i, { name, splits }] of files.entries()) {
      const to = join(work, `file${i}`);
      const before = { rows: rowCount + leftOutCount, bytes };
      let rows = 0;
      await using _ = growing(to, (sizeBytes) => tell(before.rows + rows, before.bytes + sizeBytes));
      const made = await exportRows(database, file, { ...request, splits: splits ?? request.splits }, to, (looked) => {
        rows = looked;
        settings.cancellation().throwIfAborted();
      });
      const { size: sizeBytes } = await stat(to);
      done.push({ name, path: to, sizeBytes });
      rowCount += made.rows;
      leftOutCount += made.skipped;
      leftOut.push(...made.reasons);
      bytes += sizeBytes;
      tell(rowCount + leftOutCount, bytes);
    }
  } finally {
    database.close();
  }
  return { files: done, rowCount, leftOutCount, leftOut: leftOut.slice(0, maxLeftOutRows) };
}

/** While one statement writes a file, its size is all that is known of how far it has come. */
function growing(path: string, tell: (sizeBytes: number) => void): AsyncDisposable {
  const look = async (): Promise<void> => {
    // The file may not be there yet; and what `tell` throws is thrown by the statement, too.
    await stat(path).then(
      ({ size }) => tell(size),
      () => undefined,
    );
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => undefined);
  }, lookIntervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
    },
  };
}

function mediaTypeOf(format: ExportRowsJob['request']['format']): string {
  switch (format) {
    case 'CSV':
      return mediaTypes.csv;
    case 'PARQUET':
      return mediaTypes.parquet;
    case 'JSONL':
    case 'CHAT':
    case 'PREFERENCE':
      return mediaTypes.jsonLines;
    default:
      return format satisfies never;
  }
}

function nothingToHold({ leftOutCount, leftOut: [first] }: Written): ProblemsError {
  const which = leftOutCount === 1 ? 'The only row can not be written' : `None of ${leftOutCount} rows can be written`;
  const why = first === undefined ? '' : `; row ${first.row}: ${first.reason}`;
  const hint = 'Choose another format, or say which columns hold the conversations.';
  return new ProblemsError([problem(['format'], 'NO_ROWS_LEFT', `${which} in this form${why}.`, hint)]);
}

function toProblem(error: unknown): unknown {
  const failure = systemErrorCode(error) === undefined ? error : toStorageError(error, 'write an export');
  if (!(failure instanceof StorageError) || failure.code !== 'DISK_FULL') return error;
  const message = 'The worker has no space left for the files.';
  return new ProblemsError([
    problem([], 'DISK_FULL', message, "Free space in the worker's ATTUNE_HOME, then try again."),
  ]);
}
