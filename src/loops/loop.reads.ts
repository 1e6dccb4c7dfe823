import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import type { LoopEndReason, LoopStatus, LoopStep, LoopVerdict, RoundOutcome } from './loop.js';

export interface LoopRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly description: string;
  /** LoopSettings, read by `readSettings`. */
  readonly settings: unknown;
  readonly rounds: number;
  /** The present round, from 1. */
  readonly round: number;
  readonly status: LoopStatus;
  readonly endReason: LoopEndReason | null;
  readonly problem: Problem | null;
  readonly baseModelId: string | null;
  readonly startModelId: string | null;
  readonly currentModelId: string | null;
  readonly startEvaluationId: string | null;
  readonly currentEvaluationId: string | null;
  /** The same on held-out pairs. */
  readonly startPreferenceEvaluationId: string | null;
  readonly currentPreferenceEvaluationId: string | null;
  /** Parts of LoopSettings that count from the next round on; null: none do. */
  readonly nextSettings: unknown;
  readonly datasetId: string | null;
  readonly actsFor: string;
  readonly failedTries: number;
  /** The end of its log. */
  readonly lastSeq: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const columns = `l.id, l.project_id AS "projectId", l.created_by AS "createdBy", l.name, l.description, l.settings,
  l.rounds, l.round, l.status, l.end_reason AS "endReason", l.problem, l.base_model_id AS "baseModelId",
  l.start_model_id AS "startModelId", l.current_model_id AS "currentModelId",
  l.start_evaluation_id AS "startEvaluationId", l.current_evaluation_id AS "currentEvaluationId",
  l.start_preference_evaluation_id AS "startPreferenceEvaluationId",
  l.current_preference_evaluation_id AS "currentPreferenceEvaluationId", l.next_settings AS "nextSettings",
  l.dataset_id AS "datasetId", l.acts_for AS "actsFor", l.failed_tries AS "failedTries",
  l.last_seq::float8 AS "lastSeq", l.created_at AS "createdAt", l.ended_at AS "endedAt"`;

export function loopsByIds(query: Query, ids: readonly string[]): Promise<LoopRow[]> {
  return query(`SELECT ${columns} FROM feedback_loops l WHERE l.id = ANY($1::uuid[])`, [ids]);
}

/** A loop, locked until the transaction ends. Null: there is none. */
export async function lockLoop(query: Query, id: string): Promise<LoopRow | null> {
  const [loop] = await query<LoopRow>(`SELECT ${columns} FROM feedback_loops l WHERE l.id = $1 FOR NO KEY UPDATE`, [
    id,
  ]);
  return loop ?? null;
}

export const loopsOfProject: ChildList = {
  ...newestFirst('l'),
  key: 'l.id',
  select: columns,
  from: 'feedback_loops l',
  parent: { column: 'l.project_id', type: 'uuid' },
};

export interface RoundRow {
  readonly id: string;
  readonly loopId: string;
  readonly projectId: string;
  readonly number: number;
  readonly step: LoopStep;
  readonly attempt: number;
  readonly taskId: string | null;
  readonly preparationId: string | null;
  readonly datasetVersionId: string | null;
  readonly experimentId: string | null;
  readonly modelId: string | null;
  /** Pairs that a reward model judged; null: it judges none, or has not yet. */
  readonly modelJudgedCount: number | null;
  readonly evaluationId: string | null;
  readonly preferenceEvaluationId: string | null;
  readonly judgingTaskId: string | null;
  readonly startJudgingTaskId: string | null;
  readonly outcome: RoundOutcome | null;
  readonly verdict: LoopVerdict | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const roundColumns = `r.id, r.loop_id AS "loopId", l.project_id AS "projectId", r.number, r.step, r.attempt,
  r.task_id AS "taskId", r.preparation_id AS "preparationId", r.dataset_version_id AS "datasetVersionId",
  r.experiment_id AS "experimentId", r.model_id AS "modelId",
  r.model_judged_count AS "modelJudgedCount", r.evaluation_id AS "evaluationId",
  r.preference_evaluation_id AS "preferenceEvaluationId",
  r.judging_task_id AS "judgingTaskId", r.start_judging_task_id AS "startJudgingTaskId", r.outcome, r.verdict,
  r.started_at AS "startedAt", r.ended_at AS "endedAt"`;
const roundTables = 'feedback_loop_rounds r JOIN feedback_loops l ON l.id = r.loop_id';

/** All rounds of loops, the first ones first. */
export function roundsOfLoops(query: Query, loopIds: readonly string[]): Promise<RoundRow[]> {
  return query(
    `SELECT ${roundColumns} FROM ${roundTables} WHERE r.loop_id = ANY($1::uuid[]) ORDER BY r.loop_id, r.number`,
    [loopIds],
  );
}

/** The rounds that an object is of, by the column that names it; the newest first. */
function roundsOf(column: string): (query: Query, ids: readonly string[]) => Promise<(RoundRow & { key: string })[]> {
  return (query, ids) =>
    query(
      `SELECT ${roundColumns}, r.${column} AS key FROM ${roundTables} WHERE r.${column} = ANY($1::uuid[])
        ORDER BY r.started_at DESC, r.id`,
      [ids],
    );
}

export const roundsOfVersions = roundsOf('dataset_version_id');
export const roundsOfExperiments = roundsOf('experiment_id');
export const roundsOfModels = roundsOf('model_id');

/** Those in which people were asked, or in which they judged. */
export function roundsOfTasks(query: Query, ids: readonly string[]): Promise<(RoundRow & { readonly key: string })[]> {
  return query(
    `SELECT ${roundColumns}, asked.id AS key FROM unnest($1::uuid[]) AS asked(id)
       JOIN feedback_loop_rounds r ON asked.id IN (r.task_id, r.judging_task_id, r.start_judging_task_id)
       JOIN feedback_loops l ON l.id = r.loop_id ORDER BY r.started_at DESC, r.id`,
    [ids],
  );
}
