import type { ChildList } from '../database/child-pages.js';
import { allColumns, type Columns, columnsForFields } from '../database/columns.js';
import { newestFirst } from '../database/newest-first.js';
import type { Baseline } from '../protocol/baselines.js';
import type { Finding } from '../protocol/findings.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { Problem } from '../protocol/run-event.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';

interface RunProgress {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly examplesPerSecond: number | null;
  readonly etaSeconds: number | null;
}

/** An experiment with its run. */
export interface ExperimentRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly spec: RunSpec;
  readonly baseModelId: string;
  readonly datasetVersionId: string;
  /** The data of the control texts, or of a policy's judged answers; null without any. */
  readonly controlVersionId: string | null;
  /** The model that a policy is compared with; null without one, or where it is the base model. */
  readonly referenceModelId: string | null;
  readonly runId: string;
  readonly status: RunStatus;
  readonly attempt: number;
  readonly lastSeq: number;
  readonly progress: RunProgress | null;
  readonly problem: Problem | null;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly priority: number;
  readonly clonedFromId: string | null;
  /** Those that the client left to the server. */
  readonly chosenHyperparameters: readonly string[];
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columnsByName: Columns<ExperimentRow> = {
  id: 'e.id',
  projectId: 'e.project_id',
  createdBy: 'e.created_by',
  name: 'e.name',
  spec: 'e.spec',
  baseModelId: 'e.base_model_id',
  datasetVersionId: 'e.dataset_version_id',
  controlVersionId: 'e.control_version_id',
  referenceModelId: 'e.reference_model_id',
  runId: 'r.id',
  status: 'r.status',
  attempt: 'r.attempt',
  lastSeq: 'r.last_seq::float8',
  progress: 'r.progress',
  problem: 'r.problem',
  tags: 'e.tags',
  notes: 'e.notes',
  priority: 'e.priority',
  clonedFromId: 'e.cloned_from_id',
  chosenHyperparameters: 'e.chosen_hyperparameters',
  archivedAt: 'e.archived_at',
  createdAt: 'e.created_at',
  startedAt: 'r.started_at',
  finishedAt: 'r.finished_at',
};
const columns = allColumns(columnsByName);

/** The columns that an operation needs which selects some fields of experiments. */
export const experimentColumns = columnsForFields(columnsByName, {
  always: ['id', 'projectId'],
  byField: {
    __typename: [],
    id: [],
    project: [],
    name: ['name'],
    tags: ['tags'],
    notes: ['notes'],
    priority: ['priority'],
    archivedAt: ['archivedAt'],
    createdAt: ['createdAt'],
    status: ['status'],
    attempt: ['attempt'],
    lastSeq: ['lastSeq'],
    progress: ['progress'],
    startedAt: ['startedAt'],
    finishedAt: ['finishedAt'],
    author: ['createdBy'],
    baseModel: ['baseModelId'],
    datasetVersion: ['datasetVersionId'],
    attempts: ['runId'],
    checkpoints: ['runId'],
    model: ['runId'],
    summary: ['runId'],
    metricSeries: ['runId'],
    evaluations: ['runId'],
    latestEvaluation: ['runId'],
    events: ['runId'],
    baselines: [],
    findings: [],
  },
});
// Every experiment has one run. The join is a left join, because PostgreSQL drops that where no column of the run is
// read.
const from = 'experiments e LEFT JOIN runs r ON r.experiment_id = e.id';

/** @param select SQL of the columns; null: all */
export function experimentsByIds(
  query: Query,
  ids: readonly string[],
  select: string | null = null,
): Promise<ExperimentRow[]> {
  return query(`SELECT ${select ?? columns} FROM ${from} WHERE e.id = ANY($1::uuid[])`, [ids]);
}

export function experimentsByRunIds(query: Query, runIds: readonly string[]): Promise<ExperimentRow[]> {
  return query(`SELECT ${columns} FROM ${from} WHERE r.id = ANY($1::uuid[])`, [runIds]);
}

/** An experiment of a cross-validation of another one. */
export interface FoldRow extends ExperimentRow {
  readonly clonedFromId: string;
}

/** The experiments of the cross-validations of several experiments: of each fold of a column the newest. */
export function foldsOfExperiments(query: Query, ids: readonly string[]): Promise<FoldRow[]> {
  return query(
    `SELECT * FROM (
       SELECT DISTINCT ON (e.cloned_from_id, fold->>'column', (fold->>'number')::int) ${columns}
       FROM ${from}, LATERAL (SELECT e.spec->'heldOut'->'fold' AS fold) AS held
       WHERE e.cloned_from_id = ANY($1::uuid[]) AND jsonb_typeof(fold) = 'object'
       ORDER BY e.cloned_from_id, fold->>'column', (fold->>'number')::int, e.created_at DESC, e.id DESC
     ) AS newest`,
    [ids],
  );
}

/** What the data of an experiment, and its run, say. */
export interface JudgementRow {
  readonly id: string;
  readonly baselines: readonly Baseline[];
  readonly findings: readonly Finding[];
}

export function judgementsOfExperiments(query: Query, ids: readonly string[]): Promise<JudgementRow[]> {
  return query(
    `SELECT e.id, e.baselines, e.findings || coalesce(r.findings, '[]') AS findings FROM ${from} WHERE e.id = ANY($1::uuid[])`,
    [ids],
  );
}

const experiments: Pick<ChildList, 'sort' | 'direction' | 'select' | 'from' | 'key'> = {
  key: 'e.id',
  select: columns,
  from,
  ...newestFirst('e'),
};

export const experimentsOfProject: ChildList = {
  ...experiments,
  parent: { column: 'e.project_id', type: 'uuid' },
  terms: {
    from: 'experiments x',
    key: 'x.id',
    terms: 'search_terms(x.project_id, ARRAY[x.name, x.notes], x.tags, x.labels)',
  },
};

export const experimentsOfVersion: ChildList = {
  ...experiments,
  parent: { column: 'e.dataset_version_id', type: 'uuid' },
};

export const experimentsOfBaseModel: ChildList = {
  ...experiments,
  parent: { column: 'e.base_model_id', type: 'uuid' },
};
