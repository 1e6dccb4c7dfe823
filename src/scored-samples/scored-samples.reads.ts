import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { Prompt } from '../protocol/generation.js';
import type { TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';
import type {
  SamplesSummary,
  ScoredSample,
  ScoreSamplesJob,
  ScoreSamplesProgress,
} from '../protocol/samples/score-samples-job.js';
import type { Query } from '../protocol/sql/query.js';

export interface ScoredSamplesRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly baseModelId: string;
  readonly datasetVersionId: string;
  readonly request: ScoreSamplesJob;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: ScoreSamplesProgress | null;
  readonly problem: Problem | null;
  /** Null until it has succeeded. */
  readonly summary: SamplesSummary | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columns = `s.id, s.project_id AS "projectId", s.created_by AS "createdBy", s.base_model_id AS "baseModelId",
  s.dataset_version_id AS "datasetVersionId", s.request, s.status,
  s.desired = 'CANCEL' AND s.status IN ('QUEUED', 'RUNNING') AS canceling, s.progress, s.problem, s.summary,
  s.created_at AS "createdAt", s.started_at AS "startedAt", s.finished_at AS "finishedAt"`;

export function scoredSamplesByIds(query: Query, ids: readonly string[]): Promise<ScoredSamplesRow[]> {
  return query(`SELECT ${columns} FROM scored_samples s WHERE s.id = ANY($1::uuid[])`, [ids]);
}

const newest: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  ...newestFirst('s'),
  select: columns,
  from: 'scored_samples s',
};

export const scoredSamplesOfProject: ChildList = { ...newest, parent: { column: 's.project_id', type: 'uuid' } };

export const scoredSamplesOfModel: ChildList = { ...newest, parent: { column: 's.base_model_id', type: 'uuid' } };

export const scoredSamplesOfVersion: ChildList = {
  ...newest,
  parent: { column: 's.dataset_version_id', type: 'uuid' },
};

export interface ScoredPromptRow {
  readonly position: number;
  /** Of the version. */
  readonly row: number;
  readonly prompt: Prompt;
  readonly samples: readonly ScoredSample[];
}

/** The prompts of a batch, in the order in which their rows were drawn. */
export const promptsOfSamples: ChildList = {
  select: 'p.position, p.row_number::float8 AS row, p.prompt, p.samples',
  from: 'scored_prompts p',
  parent: { column: 'p.samples_id', type: 'uuid' },
  sort: [{ column: 'p.position', type: 'int' }],
  direction: 'ASC',
};
