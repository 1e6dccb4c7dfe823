import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { cancellation } from '../database/operation-scope.js';
import { inTransaction, poolQuery } from '../database/transaction.js';
import type { JobResults } from '../events/job-results.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { checkModelReadsPairs } from '../models/check-reads-pairs.js';
import { specOfModel } from '../models/spec-of-model.js';
import { type InputProblem, isProblemCode, ProblemsError, problem } from '../problems/problem.js';
import { isEmptyText } from '../protocol/batch-prediction.js';
import { rewardHeadOf } from '../protocol/heads.js';
import type { TextPrediction } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import { checkTagsNoPairs, requireHead } from './check-evaluation.js';
import type { PredictInput } from './evaluation.input.js';
import { checkPairs, trainedTexts } from './trained-texts.js';

export const predictionLimits = { maxTexts: 256, maxTextLength: 100_000 } as const;

export interface Predicted {
  readonly id: string;
  readonly model: BaseModelRow;
  readonly texts: readonly TextPrediction[];
}

export interface PredictionService {
  /**
   * Returns one prediction for each text, in order, the model that made them, and the id of the job, which is kept for
   * an hour. Throws ProblemsError, also of WORKER_UNAVAILABLE and TIMEOUT.
   */
  predict(input: PredictInput): Promise<Predicted>;
}

export function createPredictionService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly jobResults: Pick<JobResults, 'wait'>;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly timeoutMs: number;
}): PredictionService {
  const { dataSource, query, jobResults, workers, timeoutMs } = options;
  return {
    async predict({ texts, pairs, ...named }) {
      checkTexts(texts, pairs ?? null);
      const model = await requireNamedModel(query, named);
      requireHead(model, named);
      // What says nothing is an answer, too: a reward model says what it is worth.
      if (pairs != null && rewardHeadOf(model.manifest) === null) refuseEmpty(pairs, 'pairs');
      const { config, heads } = model.manifest;
      const otherThanTrained = checkPairs(trainedTexts(await specOfModel(query, model.id)), pairs != null, ['pairs']);
      if (otherThanTrained.length > 0) throw new ProblemsError(otherThanTrained);
      const notForPairs =
        pairs == null
          ? []
          : [...checkModelReadsPairs({ config, heads }, ['pairs']), ...checkTagsNoPairs(heads, ['pairs'])];
      if (notForPairs.length > 0) throw new ProblemsError(notForPairs);
      if (!(await workers.anyOnline())) throw new ProblemsError([noWorker]);

      const jobId = randomUUID();
      await inTransaction(dataSource, (transaction) =>
        enqueueJob(transaction.query, {
          id: jobId,
          projectId: model.projectId,
          payload: { kind: 'predict', modelDigest: model.digest, modelId: model.id, texts, pairs: pairs ?? null },
        }),
      );
      const signal = cancellation();
      const settled = await jobResults.wait(jobId, timeoutMs, signal ?? undefined);
      if (settled === null) {
        await dropJob(poolQuery(dataSource), jobId);
        signal?.throwIfAborted();
        throw new ProblemsError([(await workers.anyOnline()) ? tookTooLong(timeoutMs) : noWorker]);
      }
      if (settled.state === 'succeeded' && settled.result.kind === 'predict') {
        return { id: jobId, model, texts: settled.result.predictions };
      }
      if (settled.state === 'failed') throw new ProblemsError([toInputProblem(settled.problem)]);
      throw new Error(`Prediction ${jobId} ended as ${settled.state} without predictions.`);
    },
  };
}

function checkTexts(texts: readonly string[], pairs: readonly string[] | null): void {
  const { maxTexts } = predictionLimits;
  const problems: InputProblem[] = [];
  if (texts.length === 0) problems.push(problem(['texts'], 'REQUIRED', 'At least one text is needed.'));
  if (texts.length > maxTexts) {
    problems.push(
      problem(['texts'], 'TOO_LONG', `A call takes at most ${maxTexts} texts.`, 'Send them in several calls.'),
    );
  }
  if (pairs !== null && pairs.length !== texts.length) {
    const message = `There are ${texts.length} texts, but ${pairs.length} second texts.`;
    problems.push(problem(['pairs'], 'INVALID_VALUE', message, 'Give one second text for each text.'));
  }
  problems.push(...tooLong(texts, 'texts'), ...tooLong(pairs ?? [], 'pairs'), ...empty(texts, 'texts'));
  if (problems.length > 0) throw new ProblemsError(problems);
}

function tooLong(texts: readonly string[], field: 'texts' | 'pairs'): InputProblem[] {
  const { maxTextLength } = predictionLimits;
  return texts.flatMap((text, i) => {
    if (text.length <= maxTextLength) return [];
    return [problem([field, String(i)], 'TOO_LONG', `A text has at most ${maxTextLength} characters.`)];
  });
}

function empty(texts: readonly string[], field: 'texts' | 'pairs'): InputProblem[] {
  return texts.flatMap((text, i) => {
    if (!isEmptyText(text)) return [];
    const message = 'The text is empty: there is nothing to predict from.';
    const hint = 'Leave it out, or ask for rows with predictBatch, which skips such.';
    return [problem([field, String(i)], 'EMPTY_TEXT', message, hint)];
  });
}

function refuseEmpty(texts: readonly string[], field: 'texts' | 'pairs'): void {
  const problems = empty(texts, field);
  if (problems.length > 0) throw new ProblemsError(problems);
}

const noWorker = problem(
  [],
  'WORKER_UNAVAILABLE',
  'No worker is connected to compute predictions.',
  'Start a worker with `npm run worker`, or wait until one is back; see `serverInfo { workers { status } }`.',
);

function tookTooLong(timeoutMs: number): InputProblem {
  return problem(
    [],
    'TIMEOUT',
    `There was no prediction within ${timeoutMs / 1000} seconds.`,
    'Try again, with fewer texts.',
  );
}

function toInputProblem({ code, message, hint }: { code: string; message: string; hint: string | null }): InputProblem {
  return isProblemCode(code)
    ? problem([], code, message, hint)
    : problem([], 'JOB_FAILED', `${code}: ${message}`, hint);
}

/** Cancels a job that no worker has begun: nobody waits for its result any more. */
async function dropJob(query: Query, jobId: string): Promise<void> {
  await query(`UPDATE jobs SET state = 'canceled', settled_at = now() WHERE id = $1 AND state = 'queued'`, [jobId]);
}
