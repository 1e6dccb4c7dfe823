import type { Pool } from 'pg';
import { type ClaimedJob, type JobLane, type JobOrigin, JobPayload } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { bytesLeft, experimentsBeyondQuota, storageUse } from '../../src/protocol/sql/project-quota.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { EngineChoice } from '../engine/types.js';
import type { KeptLogProbabilities, ResumePoint } from '../thread-protocol.js';
import { inTransaction } from './connection.js';
import { moveRun } from './end-attempt.js';
import { endUnwanted, openGeneration } from './generation-row.js';
import type { ClaimableJob } from './job-row.js';
import { keptLogProbabilitiesFor } from './keep-log-probabilities.js';
import { settleLostJob } from './lost.js';
import { fail } from './settle.js';
import { moveTransfer, transferOfRow } from './transfer-row.js';

export interface Claim {
  readonly job: ClaimedJob;
  /** Null for jobs other than runs, and for a run without a checkpoint. */
  readonly resume: ResumePoint | null;
  /** The run's other kept checkpoints, newest first. */
  readonly olderCheckpoints: readonly ResumePoint[];
  /** For an import, export or batch prediction: how many more bytes its project may store; null: no limit. */
  readonly storageLeftBytes: number | null;
  /** By the reference of the job, the newest first; none where it has no reference. */
  readonly keptLogProbabilities: readonly KeptLogProbabilities[];
  readonly origin: JobOrigin;
}

export interface ClaimOptions {
  readonly workerId: string;
  readonly lane: JobLane;
  readonly leaseSeconds: number;
  readonly engine: EngineChoice;
  /**
   * The jobs that this worker runs. One whose lease ran out while the whole worker stood still is not taken over by the
   * worker's other lanes: its own heartbeat goes on with it. Default: none.
   */
  readonly running?: readonly string[];
}

/** Other workers were faster: with this run, the project would have more running experiments than it may. */
class ProjectBusy extends Error {}

/**
 * Claims the lane's most urgent job, or returns null when there is none. Workers that claim at the same moment skip
 * each other's rows. Each claim is a new attempt, and its number fences off the writes of all earlier attempts. A
 * queued run is passed over while its project has as many running experiments as it may; a run whose worker was lost
 * counts among them, and is claimed again.
 */
export async function claimJob(pool: Pool, options: ClaimOptions): Promise<Claim | null> {
  for (;;) {
    const claim = await inTransaction(pool, (query) => tryClaim(query, options)).catch((error: unknown) => {
      if (error instanceof ProjectBusy) return 'passed over' as const;
      throw error;
    });
    // A lost job may have ended instead of being claimed, or a project's limit may have been reached: then another job
    // may be free.
    if (claim !== 'settled' && claim !== 'passed over') return claim;
  }
}

async function tryClaim(query: Query, options: ClaimOptions): Promise<Claim | null | 'settled'> {
  const { workerId, lane, leaseSeconds, engine, running = [] } = options;
  const [row] = await query<ClaimableJob>(
    `WITH busy AS MATERIALIZED (
       SELECT p.id
         FROM projects p
        WHERE $1 = 'training'
          AND p.max_running_experiments <= (SELECT count(*) FROM jobs r
                                             WHERE r.project_id = p.id AND r.lane = 'training' AND r.state = 'claimed')
     )
     SELECT id, project_id AS "projectId", kind, run_id AS "runId", evaluation_id AS "evaluationId",
            import_id AS "importId", export_id AS "exportId", batch_prediction_id AS "batchPredictionId",
            generation_id AS "generationId", preparation_id AS "preparationId",
            dataset_report_id AS "datasetReportId", dataset_export_id AS "datasetExportId",
            recommendation_id AS "recommendationId", item_source_id AS "itemSourceId", samples_id AS "samplesId", payload, attempt, fruitless_attempts AS "fruitlessAttempts",
            state = 'claimed' AS lost, request_id AS "requestId", traceparent
       FROM jobs
      WHERE lane = $1
        AND ((state = 'queued' AND project_id NOT IN (SELECT id FROM busy))
             OR (state = 'claimed' AND lease_until < now() AND id <> ALL($2::uuid[])))
      ORDER BY priority DESC, created_at, id
      LIMIT 1
        FOR UPDATE OF jobs SKIP LOCKED`,
    [lane, running],
  );
  if (row === undefined) return null;
  if (row.generationId !== null && (await endUnwanted(query, row, row.generationId))) return 'settled';
  if (row.lost && (await settleLostJob(query, row))) return 'settled';

  const attempt = row.attempt + 1;
  await query(
    `UPDATE jobs
        SET state = 'claimed', attempt = $2, worker_id = $3, lease_until = now() + make_interval(secs => $4)
      WHERE id = $1`,
    [row.id, attempt, workerId, leaseSeconds],
  );
  const [resume = null, ...olderCheckpoints] =
    row.runId === null ? [] : await openAttempt(query, { runId: row.runId, attempt, workerId, engine });
  if (row.evaluationId !== null) {
    await query(`UPDATE evaluations SET status = 'RUNNING', progress = NULL WHERE id = $1`, [row.evaluationId]);
  }
  if (row.generationId !== null) await openGeneration(query, row.generationId, attempt);
  const transfer = transferOfRow(row);
  if (transfer !== null) await moveTransfer(query, transfer, 'RUNNING');
  const payload = JobPayload.safeParse(row.payload);
  if (!payload.success) {
    await fail(query, { id: row.id, attempt }, unreadable(payload.error.message));
    return 'settled';
  }
  // Checked last, because other workers may have claimed until now.
  if (row.runId !== null && !row.lost && (await experimentsBeyondQuota(query, row.projectId, 'running')) !== null) {
    throw new ProjectBusy();
  }
  return {
    job: { id: row.id, projectId: row.projectId, attempt, payload: payload.data },
    resume,
    olderCheckpoints,
    storageLeftBytes: transfer === null ? null : await storageLeft(query, row.projectId),
    keptLogProbabilities: await keptLogProbabilitiesFor(query, row.projectId, payload.data),
    origin: { requestId: row.requestId, traceparent: row.traceparent },
  };
}

async function storageLeft(query: Query, projectId: string): Promise<number | null> {
  const use = await storageUse(query, projectId);
  return use === null ? null : bytesLeft(use);
}

/** The problem of a job from another version of this program. Failing the job is better than claiming it for ever. */
function unreadable(message: string): Problem {
  return { path: [], code: 'UNREADABLE_JOB', message: `The job can't be read: ${message}`, hint: 'Submit it again.' };
}

/**
 * Moves the run from QUEUED to PREPARING; inserts the attempt's row, and finds the checkpoints to resume from: the
 * newest first.
 */
async function openAttempt(
  query: Query,
  opened: {
    readonly runId: string;
    readonly attempt: number;
    readonly workerId: string;
    readonly engine: EngineChoice;
  },
): Promise<readonly ResumePoint[]> {
  const { runId, attempt, workerId, engine } = opened;
  const checkpoints = await query<ResumePoint>(
    `SELECT id AS "checkpointId", attempt, step, digest
       FROM checkpoints
      WHERE run_id = $1 AND pruned_at IS NULL
      ORDER BY attempt DESC, step DESC, created_at DESC`,
    [runId],
  );
  const [resume = null] = checkpoints;
  await query('UPDATE runs SET attempt = $2, batch = 0 WHERE id = $1', [runId, attempt]);
  await query(
    'INSERT INTO run_attempts (run_id, attempt, worker_id, engine, resumed_from_step) VALUES ($1, $2, $3, $4, $5)',
    [runId, attempt, workerId, JSON.stringify(engine), resume?.step ?? 0],
  );
  const reason =
    resume === null ? `Attempt ${attempt}` : `Attempt ${attempt}, from the checkpoint of step ${resume.step}`;
  await moveRun(query, runId, 'PREPARING', reason);
  return checkpoints;
}
