import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import type { RunStatus } from '../../src/protocol/run-status.js';
import type { TestApi } from './api.js';
import { insertBaseModel, insertDataset } from './rows.js';
import { supervisedSpec } from './specs.js';

/** Rows of lists, with the values that tests sort and filter by. Moments are SQL timestamps. */

export async function insertUser(dataSource: DataSource, name: string): Promise<string> {
  const id = randomUUID();
  await dataSource.query('INSERT INTO users (id, name) VALUES ($1, $2)', [id, name]);
  return id;
}

export interface ListedExperiment {
  readonly name: string;
  readonly status?: RunStatus;
  readonly spec?: RunSpec;
  readonly createdAt?: string;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
  readonly createdBy?: string | null;
  readonly tags?: readonly string[];
  readonly notes?: string;
  readonly archivedAt?: string | null;
  readonly priority?: number;
  /** Newest values; 'NaN' and 'Infinity' as PostgreSQL writes them. */
  readonly metrics?: Readonly<Record<string, number | string>>;
}

/** Inserts experiments of one base model and dataset version. */
export async function insertExperiments(
  dataSource: DataSource,
  place: { readonly projectId: string; readonly baseModelId: string; readonly datasetVersionId: string },
  experiments: readonly ListedExperiment[],
): Promise<{ id: string; runId: string }[]> {
  const made = [];
  for (const each of experiments) {
    const [id, runId] = [randomUUID(), randomUUID()];
    const itsSpec = each.spec ?? supervisedSpec();
    await dataSource.query(
      `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id, created_at, created_by, tags, notes,
                                archived_at, priority)
       VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()), $9, $10, $11, $12, $13)`,
      [
        id,
        place.projectId,
        each.name,
        itsSpec.method,
        JSON.stringify(itsSpec),
        place.baseModelId,
        place.datasetVersionId,
        each.createdAt ?? null,
        each.createdBy ?? null,
        each.tags ?? [],
        each.notes ?? '',
        each.archivedAt ?? null,
        each.priority ?? 0,
      ],
    );
    await dataSource.query(
      `INSERT INTO runs (id, experiment_id, status, started_at, finished_at) VALUES ($1, $2, $3, $4, $5)`,
      [runId, id, each.status ?? 'QUEUED', each.startedAt ?? null, each.finishedAt ?? null],
    );
    const metrics = Object.entries(each.metrics ?? {});
    await dataSource.query(
      `INSERT INTO run_metrics (run_id, key, attempt, step, epoch, value, at)
       SELECT $1, key, 1, 1, 1, value, now() FROM unnest($2::text[], $3::float8[]) AS metric (key, value)`,
      [runId, metrics.map(([key]) => key), metrics.map(([, value]) => value)],
    );
    made.push({ id, runId });
  }
  return made;
}

/** A base model and a dataset version to insert experiments on. */
export async function insertPlace(api: TestApi, name: string) {
  const baseModelId = await insertBaseModel(api.dataSource, api.projectId, { name: `model of ${name}` });
  const { id: datasetId, versionIds } = await insertDataset(api.dataSource, api.projectId, { name: `data of ${name}` });
  return { projectId: api.projectId, baseModelId, datasetId, datasetVersionId: versionIds[0]! };
}

/** Scores of a task: every measure is `score`, except for the loss. */
export function scoresOf(task: string, score: number, loss: number, labels: readonly string[]): ClassificationScores {
  const averaged = { precision: score, recall: score, f1: score };
  return {
    kind: 'classification',
    task,
    exampleCount: 10,
    accuracy: score,
    loss,
    macro: averaged,
    micro: averaged,
    weighted: averaged,
    perClass: labels.map((label) => ({ label, ...averaged, support: 5 })),
    confusionMatrix: labels.map(() => labels.map(() => 0)),
  };
}

export async function insertEvaluation(
  dataSource: DataSource,
  options: {
    readonly projectId: string;
    readonly baseModelId: string;
    readonly datasetVersionId: string;
    readonly split?: string;
    readonly tasks?: readonly string[];
    readonly status?: string;
    readonly scores?: readonly ClassificationScores[] | null;
    readonly createdAt?: string;
    readonly finishedAt?: string | null;
    readonly createdBy?: string | null;
  },
): Promise<string> {
  const id = randomUUID();
  const tasks = (options.tasks ?? ['label']).map((task) => ({ task, targetColumns: [task] }));
  await dataSource.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores, created_at,
                              finished_at, created_by)
     VALUES ($1, $2, $3, $4, $5, 'text', $6, $7, $8, coalesce($9, now()), $10, $11)`,
    [
      id,
      options.projectId,
      options.baseModelId,
      options.datasetVersionId,
      options.split ?? 'test',
      JSON.stringify(tasks),
      options.status ?? 'QUEUED',
      options.scores == null ? null : JSON.stringify(options.scores),
      options.createdAt ?? null,
      options.finishedAt ?? null,
      options.createdBy ?? null,
    ],
  );
  return id;
}
