import type { DataSource } from 'typeorm';
import { actAs } from '../../access/acting-viewer.js';
import { may, type Viewer } from '../../access/viewer.js';
import { viewerOfUser } from '../../access/viewer.reads.js';
import { closingFirstTransaction, inTransaction } from '../../database/transaction.js';
import type { ExampleReader } from '../../datasets/dataset-commands.js';
import type { EvaluationService } from '../../evaluations/evaluation.service.js';
import type { PredictionService } from '../../evaluations/prediction.service.js';
import type { ExperimentService } from '../../experiments/experiment.service.js';
import type { FeedbackDatasetService } from '../../feedback/datasets/feedback-dataset.service.js';
import type { FeedbackTaskService } from '../../feedback/feedback-task.service.js';
import type { FeedbackResults } from '../../feedback/results/feedback-results.service.js';
import type { ModelAliasService } from '../../models/aliases/model-alias.service.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import type { Problem } from '../../protocol/run-event.js';
import type { Query } from '../../protocol/sql/query.js';
import type { LoopSettings, LoopStep } from '../loop.js';
import { type LoopRow, lockLoop, type RoundRow, roundsOfLoops } from '../loop.reads.js';
import { appendLoopEvents, changeLoopStatus } from '../loop-log.js';

/** What the steps of loops are taken with: the services that the graph's mutations use. */
export interface LoopTools {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly feedbackTasks: Pick<FeedbackTaskService, 'create'>;
  readonly feedbackDatasets: FeedbackDatasetService;
  readonly feedbackResults: Pick<FeedbackResults, 'winRate'>;
  readonly experiments: Pick<ExperimentService, 'create'>;
  readonly evaluations: Pick<EvaluationService, 'evaluate'>;
  readonly predictions: Pick<PredictionService, 'predict'>;
  readonly aliases: Pick<ModelAliasService, 'set'>;
  readonly examples: Pick<ExampleReader, 'queryFiles'>;
}

/** A loop as it was read: whatever is written of it is written only if it is still so. */
export interface LoopState {
  readonly loop: LoopRow;
  readonly projectSlug: string;
  readonly settings: LoopSettings;
  /** All of them, the first ones first. */
  readonly rounds: readonly RoundRow[];
  /** The present one. */
  readonly round: RoundRow;
}

/** Somebody else went on with the loop, or ended or paused it, since it was read. Nothing was written. */
export class LoopMovedOn extends Error {
  constructor() {
    super('The loop has moved on.');
  }
}

/** Columns that name what a step began. */
export type BegunColumn =
  | 'task_id'
  | 'preparation_id'
  | 'experiment_id'
  | 'evaluation_id'
  | 'preference_evaluation_id'
  | 'judging_task_id'
  | 'start_judging_task_id';

/**
 * Begins what a step is about, and notes its id in the same transaction: both are there, or neither. So whatever
 * process dies whenever, nothing is begun twice, and nothing is left that no loop knows of.
 * @param work of a service of the graph's mutations, which returns the row id from its first transaction
 * @throws ProblemsError of the service; LoopMovedOn
 */
export async function begin(
  { dataSource, query }: Pick<LoopTools, 'dataSource' | 'query'>,
  state: LoopState,
  column: BegunColumn,
  work: () => Promise<string>,
): Promise<void> {
  await note({ dataSource, query }, state, work, (write, id) =>
    set(write, 'feedback_loop_rounds', state.round.id, { [column]: id }),
  );
}

/** Takes a service's step on the loop's behalf, with what `closing` writes in the service's own transaction. */
export async function note<Result>(
  { query }: Pick<LoopTools, 'dataSource' | 'query'>,
  state: LoopState,
  work: () => Promise<Result>,
  closing: (write: Query, result: Result) => Promise<void>,
): Promise<void> {
  const viewer = await actingViewer(query, state.loop);
  const { closed } = await actAs(viewer, () =>
    closingFirstTransaction(async (write, result) => {
      await lockUnmoved(write, state);
      await closing(write, result as Result);
    }, work),
  );
  if (!closed) throw new Error('A step of a feedback loop had no transaction.');
}

/** On whose behalf a loop's steps are taken; null: who may train in the project no more. */
export async function viewerOfLoop(query: Query, { id, projectId, actsFor }: LoopRow): Promise<Viewer | null> {
  const viewer = await viewerOfUser(query, actsFor, { kind: 'SESSION', id, expiresAt: new Date(8.64e15) });
  return viewer !== null && may(viewer, 'TRAIN', projectId) ? viewer : null;
}

async function actingViewer(query: Query, loop: LoopRow): Promise<Viewer> {
  const viewer = await viewerOfLoop(query, loop);
  if (viewer !== null) return viewer;
  const message = 'Whoever created the loop, or went on with it last, may train in the project no more.';
  const hint = 'Somebody who may calls `retryFeedbackLoop`: its steps are then taken on their behalf.';
  throw new ProblemsError([problem([], 'FORBIDDEN', message, hint)]);
}

/** What a round began, and the loop's evaluation: whoever takes a step changes one of them. */
const marks = [
  'step',
  'attempt',
  'taskId',
  'modelJudgedCount',
  'preparationId',
  'experimentId',
  'evaluationId',
  'preferenceEvaluationId',
  'judgingTaskId',
  'startJudgingTaskId',
] as const satisfies readonly (keyof RoundRow)[];

/** What its models are measured by, before a round begins. */
const marksOfLoop = [
  'startEvaluationId',
  'currentEvaluationId',
  'startPreferenceEvaluationId',
  'currentPreferenceEvaluationId',
] as const satisfies readonly (keyof LoopRow)[];

/**
 * Locks a loop until the transaction ends.
 * @throws LoopMovedOn where it is no more as it was read: somebody else has begun or taken the step
 */
export async function lockUnmoved(write: Query, { loop, round }: LoopState): Promise<LoopRow> {
  const now = await lockLoop(write, loop.id);
  const present = (await roundsOfLoops(write, [loop.id])).find(({ id }) => id === round.id);
  const isSame =
    now?.status === 'RUNNING' &&
    now.round === loop.round &&
    marksOfLoop.every((mark) => now[mark] === loop[mark]) &&
    marks.every((mark) => present?.[mark] === round[mark]);
  if (!isSame) throw new LoopMovedOn();
  return now;
}

/** Goes on to a step of the same round, with what is known since. */
export async function moveTo(
  { dataSource }: Pick<LoopTools, 'dataSource'>,
  state: LoopState,
  step: LoopStep,
  known: {
    readonly round?: Partial<Record<'dataset_version_id' | 'model_id', string>>;
    readonly loop?: Partial<Record<'dataset_id', string>>;
  } = {},
): Promise<void> {
  await inTransaction(dataSource, async ({ query }) => {
    await lockUnmoved(query, state);
    await set(query, 'feedback_loop_rounds', state.round.id, { ...known.round, step, attempt: 1 });
    await set(query, 'feedback_loops', state.loop.id, { ...known.loop, failed_tries: 0 });
    await appendLoopEvents(query, state.loop.id, [{ kind: 'stepBegan', round: state.round.number, step, attempt: 1 }]);
  });
}

export async function set(query: Query, table: string, id: string, values: Record<string, unknown>): Promise<void> {
  const names = Object.keys(values);
  const sets = names.map((name, i) => `${name} = $${i + 2}`).join(', ');
  await query(`UPDATE ${table} SET ${sets} WHERE id = $1`, [id, ...Object.values(values)]);
}

/** Lets a loop wait for somebody who mends what is wrong. */
export async function failLoop(
  { dataSource }: Pick<LoopTools, 'dataSource'>,
  state: LoopState,
  why: Problem,
): Promise<void> {
  await inTransaction(dataSource, async ({ query }) => {
    const loop = await lockUnmoved(query, state);
    await changeLoopStatus(query, loop, 'FAILED', { problem: why });
  });
}

/** What a task, a job or a training says that failed; `what` is its name in a sentence. */
export function failureOf(what: string, found: Problem | null | undefined, hint: string): Problem {
  if (found != null) return { ...found, hint: found.hint === null ? hint : `${found.hint} ${hint}` };
  return problem([], 'JOB_FAILED', `${what} failed, or was canceled.`, hint);
}

export function goneMeanwhile(what: string, hint: string): InputProblem {
  return problem([], 'NOT_FOUND', `${what} was deleted.`, hint);
}
