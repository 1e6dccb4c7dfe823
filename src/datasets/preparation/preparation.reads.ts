import type { ChildList } from '../../database/child-pages.js';
import { newestFirst } from '../../database/newest-first.js';
import type { FeedbackReading } from '../../protocol/feedback/dataset-rules.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { PreparationProgress, PreparationTarget, RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import type { Problem } from '../../protocol/run-event.js';
import type { SamplesReading } from '../../protocol/samples/samples-reading.js';
import type { Query } from '../../protocol/sql/query.js';

export interface PreparationRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly target: PreparationTarget;
  readonly sources: readonly RowSource[];
  readonly recipe: Recipe;
  readonly datasetVersionId: string | null;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: PreparationProgress | null;
  readonly problems: readonly Problem[];
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columns = `p.id, p.project_id AS "projectId", p.created_by AS "createdBy", p.target, p.sources, p.recipe,
  p.dataset_version_id AS "datasetVersionId", p.status,
  p.desired = 'CANCEL' AND p.status IN ('QUEUED', 'RUNNING') AS canceling, p.progress, p.problems,
  p.created_at AS "createdAt", p.started_at AS "startedAt", p.finished_at AS "finishedAt"`;

export function preparationsByIds(query: Query, ids: readonly string[]): Promise<PreparationRow[]> {
  return query(`SELECT ${columns} FROM preparations p WHERE p.id = ANY($1::uuid[])`, [ids]);
}

export const preparationsOfProject: ChildList = {
  ...newestFirst('p'),
  select: columns,
  // Rows that become no version are a part of what they are for.
  from: `preparations p`,
  parent: { column: 'p.project_id', type: 'uuid' },
};

/** Where the rows of a version are from. */
export interface VersionSourceRow {
  readonly versionId: string;
  readonly position: number;
  readonly kind: 'upload' | 'version' | 'appended' | 'feedback' | 'samples';
  readonly uploadId: string | null;
  readonly fileName: string | null;
  readonly parentVersionId: string | null;
  readonly parentName: string | null;
  readonly digest: string;
  readonly split: string | null;
  /** Of appended examples. */
  readonly appendedCount: number | null;
  /** Of feedback: by what rules its answers became rows, and what became of the items. */
  readonly feedback: Pick<FeedbackReading, 'rules' | 'figures' | 'recorded'> | null;
  /** Of samples: by what rules they became rows, and what became of the prompts. */
  readonly samples: Pick<SamplesReading, 'rules' | 'figures'> | null;
  /** Null also if they were deleted since. */
  readonly samplesId: string | null;
}

export function sourcesOfVersions(query: Query, ids: readonly string[]): Promise<VersionSourceRow[]> {
  return query(
    `SELECT dataset_version_id AS "versionId", position, kind, upload_id AS "uploadId", file_name AS "fileName",
            parent_version_id AS "parentVersionId", parent_name AS "parentName", digest, split,
            appended_count::float8 AS "appendedCount", feedback, samples, samples_id AS "samplesId"
       FROM dataset_version_sources WHERE dataset_version_id = ANY($1::uuid[]) ORDER BY dataset_version_id, position`,
    [ids],
  );
}
