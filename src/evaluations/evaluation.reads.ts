import type { ChildList } from '../database/child-pages.js';
import { allColumns, type Columns, columnsForFields } from '../database/columns.js';
import { newestFirst } from '../database/newest-first.js';
import type { Finding } from '../protocol/findings.js';
import type { EvaluateJob, EvaluationProgress } from '../protocol/job.js';
import type { PreferenceEvaluation } from '../protocol/preference-evaluation.js';
import type { PreferenceForm } from '../protocol/preference-form.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import type { TokenEvaluation } from '../protocol/token-evaluation.js';
import type { StoredScores } from './scores.js';

export interface EvaluationRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly baseModelId: string;
  readonly datasetVersionId: string;
  readonly split: string;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  readonly tasks: EvaluateJob['tasks'];
  readonly tokens: TokenEvaluation | null;
  readonly preference: PreferenceForm | null;
  readonly preferenceReading: PreferenceEvaluation | null;
  readonly baselineModelId: string | null;
  readonly status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  readonly scores: readonly StoredScores[] | null;
  /** What its data say, beside its scores. */
  readonly findings: readonly Finding[];
  readonly progress: EvaluationProgress | null;
  readonly problem: Problem | null;
  /** The file with what was said of each example (scored-example.ts); null without one. */
  readonly examplesDigest: string | null;
  readonly examplesMissing: 'QUOTA_EXCEEDED' | 'DISK_FULL' | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const columnsByName: Columns<EvaluationRow> = {
  id: 'v.id',
  projectId: 'v.project_id',
  createdBy: 'v.created_by',
  baseModelId: 'v.base_model_id',
  datasetVersionId: 'v.dataset_version_id',
  split: 'v.split',
  textColumn: 'v.text_column',
  pairColumn: 'v.pair_column',
  tasks: 'v.tasks',
  tokens: 'v.tokens',
  preference: 'v.preference',
  preferenceReading: 'v.preference_reading',
  baselineModelId: 'v.baseline_model_id',
  status: 'v.status',
  scores: 'v.scores',
  findings: 'v.findings',
  progress: 'v.progress',
  problem: 'v.problem',
  examplesDigest: 'v.examples_digest',
  examplesMissing: 'v.examples_missing',
  createdAt: 'v.created_at',
  finishedAt: 'v.finished_at',
};
const columns = allColumns(columnsByName);

/** The columns that an operation needs which selects some fields of evaluations. */
export const evaluationColumns = columnsForFields(columnsByName, {
  always: ['id', 'projectId'],
  byField: {
    __typename: [],
    id: [],
    project: [],
    model: ['baseModelId'],
    datasetVersion: ['datasetVersionId'],
    split: ['split'],
    textColumn: ['textColumn'],
    textPairColumn: ['pairColumn'],
    status: ['status'],
    progress: ['progress'],
    createdAt: ['createdAt'],
    finishedAt: ['finishedAt'],
    author: ['createdBy'],
  },
});

export function evaluationsByIds(query: Query, ids: readonly string[]): Promise<EvaluationRow[]> {
  return query(`SELECT ${columns} FROM evaluations v WHERE v.id = ANY($1::uuid[])`, [ids]);
}

const evaluations: Pick<ChildList, 'key' | 'select' | 'sort' | 'direction'> = {
  key: 'v.id',
  select: columns,
  ...newestFirst('v'),
};

export const evaluationsOfProject: ChildList = {
  ...evaluations,
  from: 'evaluations v',
  parent: { column: 'v.project_id', type: 'uuid' },
};

export const evaluationsOfModel: ChildList = {
  ...evaluations,
  from: 'evaluations v',
  parent: { column: 'v.base_model_id', type: 'uuid' },
};

export const evaluationsOnVersion: ChildList = {
  ...evaluations,
  from: 'evaluations v',
  parent: { column: 'v.dataset_version_id', type: 'uuid' },
};

/** Evaluations of the model that a run produced. */
export const evaluationsOfRun: ChildList = {
  ...evaluations,
  from: 'evaluations v JOIN base_models m ON m.id = v.base_model_id',
  parent: { column: 'm.produced_by_run_id', type: 'uuid' },
};

/** An evaluation of a model, and the run that the model came out of. */
export interface EvaluationOfRun extends EvaluationRow {
  readonly runId: string;
}

/**
 * The evaluations of the models that these runs produced: for each combination of dataset version, split, text columns,
 * tasks, tokens and judgements the newest that SUCCEEDED.
 */
export function newestEvaluationsOfRuns(query: Query, runIds: readonly string[]): Promise<EvaluationOfRun[]> {
  return query(
    `SELECT DISTINCT ON (m.produced_by_run_id, v.dataset_version_id, v.split, v.text_column, v.pair_column, v.tasks, v.tokens, v.preference)
       m.produced_by_run_id AS "runId", ${columns}
     FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
     WHERE m.produced_by_run_id = ANY($1::uuid[]) AND v.status = 'SUCCEEDED'
     ORDER BY m.produced_by_run_id, v.dataset_version_id, v.split, v.text_column, v.pair_column, v.tasks, v.tokens, v.preference, v.created_at DESC, v.id DESC`,
    [runIds],
  );
}
