import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import type { MetricsRecorded } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { insertMetricPoints } from '../../tests/support/insert-metric-points.js';
import { supervisedSpec } from '../../tests/support/specs.js';

/** Does `work` in one transaction. */
export type Transaction = (work: (query: Query) => Promise<unknown>) => Promise<void>;

/** On the one connection that everything is measured on. What fails ends the bench, so that nothing is rolled back. */
export function transactionOf(client: pg.Client): Transaction {
  return async (work) => {
    await client.query('BEGIN');
    await work(queryOf(client));
    await client.query('COMMIT');
  };
}

export interface AddedExperiment {
  readonly experimentId: string;
  readonly runId: string;
}

/**
 * Adds experiments on the bundled model, with runs that train, and a dataset version that has no file. Returns what
 * they are known by.
 */
export async function addExperiments(query: Query, count: number): Promise<readonly AddedExperiment[]> {
  const [model] = await query<{ modelId: string; projectId: string; digest: string }>(
    'SELECT id AS "modelId", project_id AS "projectId", digest FROM base_models LIMIT 1',
  );
  const { modelId, projectId, digest } = model!;
  const [datasetId, versionId] = [randomUUID(), randomUUID()];
  await query('INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, $3)', [datasetId, projectId, datasetId]);
  await query(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     VALUES ($1, $2, 1, $3, $3, 'CSV', 1, 0, '[]', '[]', '{}')`,
    [versionId, datasetId, digest],
  );
  const spec = supervisedSpec({ baseModelDigest: digest, datasetDigest: digest });
  const experiments = Array.from({ length: count }, () => ({ experimentId: randomUUID(), runId: randomUUID() }));
  for (const { experimentId, runId } of experiments) {
    await query(
      `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
       VALUES ($1, $2, 'measured', $3, $4, $5, $6)`,
      [experimentId, projectId, spec.method, JSON.stringify(spec), modelId, versionId],
    );
    await query(`INSERT INTO runs (id, experiment_id, status, attempt) VALUES ($1, $2, 'TRAINING', 1)`, [
      runId,
      experimentId,
    ]);
  }
  return experiments;
}

/** A noisy curve with a few values that are not finite. */
function valueAt(step: number): number {
  if (step % 77_777 === 5) return Number.NaN;
  if (step % 99_991 === 7) return Number.POSITIVE_INFINITY;
  return 2 * Math.exp(-step / 200_000) + 0.1 * Math.sin(step / 500) + 0.05 * Math.sin(step * 12.9898);
}

/** Writes points of one attempt, steps `from` to `to`, in batches of 2,000. */
export async function writePoints(
  transaction: Transaction,
  points: {
    readonly runId: string;
    readonly attempt: number;
    readonly key: string;
    readonly from: number;
    readonly to: number;
  },
): Promise<void> {
  const { runId, attempt, key, from, to } = points;
  for (let start = from; start <= to; start += 2000) {
    const length = Math.min(2000, to - start + 1);
    const batch = Array.from({ length }, (_, i) => {
      const step = start + i;
      return { key, step, seq: step + (attempt - 1) * 10_000_000, epoch: step / 1000, value: valueAt(step) };
    });
    await transaction((query) => insertMetricPoints(query, runId, attempt, batch));
  }
}

const trainingKeys = ['train/loss', 'train/learningRate', 'train/gradientNorm', 'train/examplesPerSecond'];

/** Metrics of a step, as a training records them: so many. */
export const metricsOfStep = trainingKeys.length;

/** What a training reports of one step. */
export function recordedAt(step: number): MetricsRecorded {
  const samples = trainingKeys.map((key) => ({ key, value: Math.sin(step) }));
  return { kind: 'metricsRecorded', step, epoch: step / 1000, samples };
}
