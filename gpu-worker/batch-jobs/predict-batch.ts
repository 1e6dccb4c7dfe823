import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readsTokens } from '../../src/protocol/heads.js';
import type { PredictBatchJob } from '../../src/protocol/job.js';
import { mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { maxCharactersPerToken } from '../../src/tokenizer/index.js';
import type { Engine } from '../engine/types.js';
import { predict } from '../forward/predict.js';
import { openModel, type ReadyModel } from '../forward/ready-model.js';
import { verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { withinQuota } from '../transfer-jobs/within-quota.js';
import { openParts, type Parts } from './parts.js';
import { type ComputedColumn, isComputed, valuesOf } from './predicted-values.js';
import { readRows, type TextRow } from './read-rows.js';
import { writeResult } from './write-result.js';

export interface BatchTools {
  readonly engine: Engine;
  readonly store: ArtifactStore;
  /** Holds a folder for each batch prediction under way, best on the file system of the store. */
  readonly folder: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/**
 * Predicts for all rows with the very function that answers single predictions, and writes one file. An attempt goes on
 * where a lost one, or one that was given back, had come to.
 *
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD, UNKNOWN_COLUMN, INVALID_VALUE, QUOTA_EXCEEDED,
 * DISK_FULL; RunStopped.
 */
export async function predictBatch(
  job: PredictBatchJob,
  attempt: number,
  context: JobContext,
  { engine, store, folder, now }: BatchTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  // The name makes the folder one of those that are removed when nothing was written to them for a day.
  const parts = await openParts(join(folder, `${job.batchPredictionId}.part`), attempt, now);
  const beat = (): void => beatOrLeave(context);
  const tell = (): void => context.progressed({ rowsDone: parts.rowsDone, rowsTotal: job.rowCount });
  try {
    beat();
    const dataPath = await verifiedPath(store, job.dataDigest, 'the file of the rows');
    const model = await openModel(engine, store, job.modelDigest);
    try {
      tell();
      await predictRows(model, job, dataPath, parts, { beat, tell });
    } finally {
      await model.release();
    }
    const path = await writeResult({
      dataPath,
      partPaths: parts.paths,
      columns: job.columns,
      format: job.format,
      folder: parts.folder,
      rows: parts.rowsDone,
      onWait: beat,
    });
    withinQuota(store, context.storageLeftBytes).requireRoom((await stat(path)).size);
    const stored = await store.adopt(path);
    beat();
    await parts.remove();
    return {
      kind: 'finished',
      result: { kind: 'predictBatch', file: { name: job.fileName, ...stored }, errorCount: parts.errorCount },
      model: null,
      files: [{ ...stored, mediaType: mediaTypes[job.format] }],
    };
  } catch (error) {
    // Whoever gives the job back, or has lost it, leaves the parts to the next attempt.
    if (error instanceof RunStopped && error.reason === 'shutdown') await parts.flush();
    else if (!(error instanceof RunStopped) || error.reason === 'cancel') await parts.remove();
    throw isDiskFull(error) ? toDiskFull(error) : error;
  }
}

/** Node and the store say so by a code, DuckDB by the system's message. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : null;
  if (code === 'DISK_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return true;
  return /No space left on device|disk quota exceeded/i.test(error.message);
}

function toDiskFull(cause: unknown): ProblemError {
  const message = "the worker's disk has no space left for the predictions";
  const hint = "Free space in the worker's ATTUNE_HOME, then ask again.";
  return new ProblemError({ path: [], code: 'DISK_FULL', message, hint }, { cause });
}

async function predictRows(
  model: ReadyModel,
  job: PredictBatchJob,
  path: string,
  parts: Parts,
  { beat, tell }: { readonly beat: () => void; readonly tell: () => void },
): Promise<void> {
  const columns = job.columns.filter(isComputed);
  const { manifest, maxLength } = model;
  const query = {
    path,
    split: job.split,
    textColumn: job.textColumn,
    pairColumn: job.pairColumn,
    pairMayBeEmpty: model.answers !== null,
    after: parts.lastRow,
    tagsWords: manifest.heads.some(readsTokens),
    maxCharacters: maxLength * maxCharactersPerToken,
    truncationSide: manifest.truncationSide,
  };
  for await (const rows of readRows(query)) {
    beat();
    await parts.add({ ...(await linesOf(model, columns, rows, beat)), lastRow: rows.at(-1)!.row });
    tell();
  }
  await parts.flush();
}

/** The predictions of some rows, as lines of JSON. */
async function linesOf(
  model: ReadyModel,
  columns: readonly ComputedColumn[],
  rows: readonly TextRow[],
  beat: () => void,
): Promise<{ readonly lines: readonly string[]; readonly errorCount: number }> {
  const sound = rows.filter(({ error }) => error === null);
  const texts = sound.map(({ text }) => text);
  const pairs = sound.flatMap(({ pair }) => pair ?? []);
  const predictions =
    sound.length === 0 ? [] : await predict(model, { texts, pairs: pairs.length === 0 ? null : pairs }, beat);
  const predictionOf = new Map(sound.map(({ row }, i) => [row, predictions[i] ?? null]));
  let errorCount = 0;
  const lines = rows.map((each) => {
    const { values, error } = valuesOf(columns, each, predictionOf.get(each.row) ?? null);
    if (error !== null) errorCount += 1;
    return JSON.stringify({ row: each.row, ...Object.fromEntries(values.map((value, i) => [`c${i}`, value])) });
  });
  return { lines, errorCount };
}
