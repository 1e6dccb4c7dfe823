import { channels } from '../../src/protocol/channels.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { endGeneration } from '../../src/protocol/sql/generation-log.js';
import { storageBeyondQuota, storageQuotaHint, storageQuotaMessage } from '../../src/protocol/sql/project-quota.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { noteRemovals } from '../../src/storage/artifact-removals.js';
import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { keepArtifacts } from '../../src/storage/keep-artifacts.js';
import { ProblemError } from '../problem-error.js';
import type { JobOutcome } from '../thread-protocol.js';
import { moveRun, nextStateOf, recordAttemptEnd } from './end-attempt.js';
import { isUnwantedGeneration } from './generation-row.js';
import { type HeldJob, type JobRow, leaveClaimed } from './job-row.js';
import { judgeLosses } from './judge-losses.js';
import { registerItems } from './register-items.js';
import { registerImportedModel, registerModel } from './register-model.js';
import { registerSamples } from './register-samples.js';
import { registerPrepared } from './register-version.js';
import { isUnwanted, moveTransfer, transferOfRow } from './transfer-row.js';

/**
 * The ways in which a job leaves its worker. Each function runs in the caller's transaction, may be repeated when the
 * answer to COMMIT was lost, and throws AttemptOver when the worker no longer holds the job.
 */

/**
 * The job succeeded: records its result, its scores, model or files, and the final status, all at once. Throws
 * ArtifactMissing and, for an import, export or batch prediction, ProblemError QUOTA_EXCEEDED.
 */
export async function succeed(
  query: Query,
  store: ArtifactStore,
  job: HeldJob,
  outcome: JobOutcome & { readonly kind: 'finished' },
): Promise<void> {
  const { result, model } = outcome;
  const row = await leaveClaimed(query, job, 'succeeded', { result });
  if (row === null) return;
  if (row.runId !== null) {
    if (model === null) throw new Error(`Run ${row.runId} produced no model.`);
    await registerModel(query, store, row.runId, model);
    const findings = [
      ...((result.kind === 'train' ? result.findings : null) ?? []),
      ...(await judgeLosses(query, row.runId)),
    ];
    await query('UPDATE runs SET findings = $2 WHERE id = $1', [row.runId, JSON.stringify(findings)]);
    await recordAttemptEnd(query, { runId: row.runId, attempt: job.attempt }, 'SUCCEEDED');
    await moveRun(query, row.runId, 'SUCCEEDED', null);
  }
  if (row.evaluationId !== null && result.kind === 'evaluate') {
    await keepArtifacts(query, store, outcome.files ?? []);
    await query(
      // What the API found in the data is there already.
      `UPDATE evaluations SET status = 'SUCCEEDED', scores = $2, examples_digest = $3, examples_missing = $4,
         findings = findings || $5::jsonb, finished_at = now()
        WHERE id = $1`,
      [
        row.evaluationId,
        JSON.stringify(result.tasks),
        result.examplesDigest ?? null,
        result.examplesMissing ?? null,
        JSON.stringify(result.findings ?? []),
      ],
    );
    await leaveExamplesBeyondQuota(query, row.projectId, row.evaluationId, outcome.files ?? []);
  }
  if (row.importId !== null) {
    if (model === null || !('source' in model)) throw new Error(`Import ${row.importId} gave no model.`);
    await registerImportedModel(query, store, row.importId, model);
  }
  if (row.exportId !== null && result.kind === 'export') {
    await keepArtifacts(query, store, outcome.files ?? []);
    await query('UPDATE model_exports SET files = $2, certificate = $3 WHERE id = $1', [
      row.exportId,
      JSON.stringify(result.files),
      result.certificate === undefined ? null : JSON.stringify(result.certificate),
    ]);
  }
  if (row.batchPredictionId !== null && result.kind === 'predictBatch') {
    await keepArtifacts(query, store, outcome.files ?? []);
    await query('UPDATE batch_predictions SET files = $2, error_count = $3 WHERE id = $1', [
      row.batchPredictionId,
      JSON.stringify([result.file]),
      result.errorCount,
    ]);
  }
  if (row.preparationId !== null && result.kind === 'prepare') {
    if (outcome.prepared === undefined) throw new Error(`Preparation ${row.preparationId} made no rows.`);
    await registerPrepared(query, store, row.preparationId, outcome.prepared, outcome.files ?? []);
  }
  if (row.datasetReportId !== null && result.kind === 'report') {
    if (outcome.facts === undefined) throw new Error(`Report ${row.datasetReportId} found nothing.`);
    await query('UPDATE dataset_reports SET facts = $2 WHERE id = $1', [
      row.datasetReportId,
      JSON.stringify(outcome.facts),
    ]);
  }
  if (row.datasetExportId !== null && result.kind === 'exportRows') {
    await keepArtifacts(query, store, outcome.files ?? []);
    await query(
      'UPDATE dataset_exports SET files = $2, row_count = $3, left_out_count = $4, left_out = $5 WHERE id = $1',
      [
        row.datasetExportId,
        JSON.stringify(result.files),
        result.rowCount,
        result.leftOutCount,
        JSON.stringify(result.leftOut),
      ],
    );
  }
  if (row.recommendationId !== null && result.kind === 'recommend') {
    if (outcome.ranking === undefined) throw new Error(`Recommendation ${row.recommendationId} has no ranking.`);
    await query('UPDATE model_recommendations SET ranking = $2 WHERE id = $1', [
      row.recommendationId,
      JSON.stringify(outcome.ranking),
    ]);
  }
  if (row.samplesId !== null && result.kind === 'scoreSamples') {
    await registerSamples(query, row.samplesId, result.summary, outcome.samples ?? null);
  }
  if (row.generationId !== null && result.kind === 'generate') {
    await query('UPDATE generations SET times = $2 WHERE id = $1', [row.generationId, JSON.stringify(result.times)]);
    await endGeneration(query, row.generationId, 'SUCCEEDED', null);
  }
  const transfer = transferOfRow(row);
  if (transfer !== null) {
    await moveTransfer(query, transfer, 'SUCCEEDED');
    if (row.itemSourceId !== null && result.kind === 'makeItems') {
      await registerItems(query, row.itemSourceId, result, outcome.items ?? null);
    }
    await requireWithinQuota(query, row.projectId);
  }
  await notifySettled(query, job);
}

/**
 * The job failed, and another attempt would fail in the same way.
 * @param problems all that is wrong, of a preparation
 */
export async function fail(
  query: Query,
  job: HeldJob,
  problem: Problem,
  problems: readonly Problem[] = [problem],
): Promise<void> {
  const row = await leaveClaimed(query, job, 'failed', { problem });
  if (row === null) return;
  if (row.runId !== null) {
    await recordAttemptEnd(query, { runId: row.runId, attempt: job.attempt }, 'FAILED');
    await moveRun(query, row.runId, 'FAILED', problem.message, problem);
  }
  if (row.evaluationId !== null) {
    await query(`UPDATE evaluations SET status = 'FAILED', problem = $2, finished_at = now() WHERE id = $1`, [
      row.evaluationId,
      JSON.stringify(problem),
    ]);
  }
  if (row.generationId !== null) await endGeneration(query, row.generationId, 'FAILED', problem);
  if (row.preparationId !== null) {
    await query('UPDATE preparations SET problems = $2 WHERE id = $1', [row.preparationId, JSON.stringify(problems)]);
  }
  const transfer = transferOfRow(row);
  if (transfer !== null) await moveTransfer(query, transfer, 'FAILED', problem);
  await notifySettled(query, job);
}

/**
 * The job stopped before its end. A run gets the state that the user wants now (CANCELED, PAUSED). Otherwise the job is
 * queued again at once (unless it is a transfer or generation that nobody wants): the worker is shutting down, or the
 * user withdrew a pause while the worker was pausing.
 */
export async function stop(query: Query, job: HeldJob): Promise<void> {
  const [held] = await query<
    Pick<
      JobRow,
      | 'runId'
      | 'importId'
      | 'exportId'
      | 'batchPredictionId'
      | 'generationId'
      | 'preparationId'
      | 'datasetReportId'
      | 'datasetExportId'
      | 'recommendationId'
      | 'itemSourceId'
      | 'samplesId'
    >
  >(
    `SELECT run_id AS "runId", import_id AS "importId", export_id AS "exportId",
            batch_prediction_id AS "batchPredictionId", generation_id AS "generationId", preparation_id AS "preparationId",
            dataset_report_id AS "datasetReportId", dataset_export_id AS "datasetExportId",
            recommendation_id AS "recommendationId", item_source_id AS "itemSourceId",
            samples_id AS "samplesId"
       FROM jobs WHERE id = $1 FOR UPDATE`,
    [job.id],
  );
  const runId = held?.runId ?? null;
  const transfer = held === undefined ? null : transferOfRow(held);
  const generationId = held?.generationId ?? null;
  const canceled =
    (transfer !== null && (await isUnwanted(query, transfer))) ||
    (generationId !== null && (await isUnwantedGeneration(query, generationId)));
  const next = runId !== null ? await nextStateOf(query, runId) : canceled ? 'canceled' : 'queued';
  const row = await leaveClaimed(query, job, next);
  if (row === null) return;
  if (runId !== null) {
    const attempt = { runId, attempt: job.attempt };
    switch (next) {
      case 'canceled':
        await recordAttemptEnd(query, attempt, 'CANCELED');
        await moveRun(query, runId, 'CANCELED', 'Canceled by the user');
        break;
      case 'paused':
        await recordAttemptEnd(query, attempt, 'PAUSED');
        await moveRun(query, runId, 'PAUSED', 'Paused by the user');
        break;
      case 'queued':
        await recordAttemptEnd(query, attempt, 'RELEASED');
        await moveRun(query, runId, 'QUEUED', 'Its worker returned it to the queue');
        break;
      default:
        next satisfies never;
    }
  }
  if (row.evaluationId !== null) {
    await query(`UPDATE evaluations SET status = 'QUEUED' WHERE id = $1`, [row.evaluationId]);
  }
  if (generationId !== null) {
    if (canceled) await endGeneration(query, generationId, 'CANCELED', null);
    else await query(`UPDATE generations SET status = 'QUEUED' WHERE id = $1`, [generationId]);
  }
  if (transfer !== null) await moveTransfer(query, transfer, canceled ? 'CANCELED' : 'QUEUED');
  if (next === 'queued') {
    await query('SELECT pg_notify($1, lane) FROM jobs WHERE id = $2', [channels.jobQueued, job.id]);
  } else {
    await notifySettled(query, job);
  }
}

/**
 * Refuses a transfer that exceeds its project's quota because the project grew meanwhile. The results of a training are
 * not refused, because their computation is already spent.
 */
async function requireWithinQuota(query: Query, projectId: string): Promise<void> {
  const use = await storageBeyondQuota(query, projectId);
  if (use === null) return;
  throw new ProblemError({
    path: [],
    code: 'QUOTA_EXCEEDED',
    message: storageQuotaMessage(use),
    hint: storageQuotaHint,
  });
}

/**
 * An evaluation that exceeds its project's quota keeps its scores, whose computation is already spent, and not its
 * examples.
 */
async function leaveExamplesBeyondQuota(
  query: Query,
  projectId: string,
  evaluationId: string,
  files: readonly ArtifactRecord[],
): Promise<void> {
  if (files.length === 0 || (await storageBeyondQuota(query, projectId)) === null) return;
  await query(`UPDATE evaluations SET examples_digest = NULL, examples_missing = 'QUOTA_EXCEEDED' WHERE id = $1`, [
    evaluationId,
  ]);
  await noteRemovals(
    query,
    files.map(({ digest }) => digest),
  );
}

async function notifySettled(query: Query, job: HeldJob): Promise<void> {
  await query('SELECT pg_notify($1, $2)', [channels.jobSettled, job.id]);
}
