import { channels } from '../../src/protocol/channels.js';
import type { JobKind } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { endGeneration } from '../../src/protocol/sql/generation-log.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { moveRun, nextStateOf, recordAttemptEnd } from './end-attempt.js';
import { explainLoss } from './explain-loss.js';
import { type ClaimableJob, leaveClaimed } from './job-row.js';
import { isUnwanted, moveTransfer, type Transfer, transferOfRow } from './transfer-row.js';

/** After this many lost attempts in a row without a new checkpoint, the job itself is assumed to kill its workers. */
const maxFruitlessAttempts = 3;

const lessMemory = {
  training: 'a smaller batch size or maximum length needs less',
  model: 'the machine needs more, or the model is too large for it',
  data: 'the machine needs more; fewer rows, shorter texts or fewer steps at once take less',
} as const;

/** What a job's memory goes to. */
const memoryOf: Readonly<Record<JobKind, keyof typeof lessMemory>> = {
  train: 'training',
  evaluate: 'model',
  predict: 'model',
  predictBatch: 'model',
  makeItems: 'model',
  scoreSamples: 'model',
  generate: 'model',
  import: 'model',
  export: 'model',
  inspect: 'model',
  recommend: 'model',
  prepare: 'data',
  preview: 'data',
  report: 'data',
  exportRows: 'data',
};

/** Says what is known of the last worker, and what to look at. */
async function workerLost(query: Query, { id, kind }: ClaimableJob): Promise<Problem> {
  const lost = `${maxFruitlessAttempts} workers in a row were lost with this job`;
  const found = await explainLoss(query, id, lessMemory[memoryOf[kind]]);
  return {
    path: [],
    code: 'WORKER_LOST',
    message: `${lost}${kind === 'train' ? ', and none of them wrote a new checkpoint' : ''}.${found === null ? '' : ` ${found.how}`}`,
    hint: found?.hint ?? 'Look at the logs of the workers.',
  };
}

/**
 * Settles a job whose worker's lease has expired, in the claim that notices it. True: the job ended, by the user's wish
 * or as a failure. False: its run is QUEUED again, for the caller to claim.
 */
export async function settleLostJob(query: Query, job: ClaimableJob): Promise<boolean> {
  const fruitless = job.fruitlessAttempts + 1;
  await query('UPDATE jobs SET fruitless_attempts = $2 WHERE id = $1', [job.id, fruitless]);
  if (job.runId !== null) return endLostRun(query, job, job.runId, fruitless);
  const transfer = transferOfRow(job);
  return transfer === null ? endLostShortJob(query, job, fruitless) : endLostTransfer(query, job, transfer, fruitless);
}

async function endLostRun(query: Query, job: ClaimableJob, runId: string, fruitless: number): Promise<boolean> {
  await recordAttemptEnd(query, { runId, attempt: job.attempt }, 'LOST');
  const next = await nextStateOf(query, runId);
  const reason = 'The worker was lost: its heartbeats stopped';
  if (next === 'canceled') {
    await leaveClaimed(query, job, 'canceled');
    await moveRun(query, runId, 'CANCELED', reason);
    return true;
  }
  if (fruitless >= maxFruitlessAttempts) {
    const problem = await workerLost(query, job);
    await leaveClaimed(query, job, 'failed', { problem });
    await moveRun(query, runId, 'FAILED', reason, problem);
    return true;
  }
  if (next === 'paused') {
    await leaveClaimed(query, job, 'paused');
    await moveRun(query, runId, 'PAUSED', reason);
    return true;
  }
  await moveRun(query, runId, 'QUEUED', reason);
  return false;
}

async function endLostTransfer(
  query: Query,
  job: ClaimableJob,
  transfer: Transfer,
  fruitless: number,
): Promise<boolean> {
  if (await isUnwanted(query, transfer)) {
    await leaveClaimed(query, job, 'canceled');
    await moveTransfer(query, transfer, 'CANCELED');
    return true;
  }
  if (fruitless < maxFruitlessAttempts) return false;
  const problem = await workerLost(query, job);
  await leaveClaimed(query, job, 'failed', { problem });
  if (transfer.table === 'preparations') {
    await query('UPDATE preparations SET problems = $2 WHERE id = $1', [transfer.id, JSON.stringify([problem])]);
  }
  await moveTransfer(query, transfer, 'FAILED', problem);
  return true;
}

async function endLostShortJob(query: Query, job: ClaimableJob, fruitless: number): Promise<boolean> {
  if (fruitless < maxFruitlessAttempts) return false;
  const problem = await workerLost(query, job);
  await leaveClaimed(query, job, 'failed', { problem });
  if (job.evaluationId !== null) {
    await query(`UPDATE evaluations SET status = 'FAILED', problem = $2, finished_at = now() WHERE id = $1`, [
      job.evaluationId,
      JSON.stringify(problem),
    ]);
  }
  if (job.generationId !== null) await endGeneration(query, job.generationId, 'FAILED', problem);
  await query('SELECT pg_notify($1, $2)', [channels.jobSettled, job.id]);
  return true;
}
