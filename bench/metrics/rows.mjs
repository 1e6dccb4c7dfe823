import { randomUUID } from 'node:crypto';
import { appendRunEvents } from '../../dist/src/protocol/sql/append-events.js';
import { insertMetricPoints } from '../../dist/src/protocol/sql/insert-metric-points.js';
import { formerInsert } from './former.mjs';

const hyperparameters = {
  learningRate: 1e-4,
  epochs: 1,
  batchSize: 8,
  gradientAccumulationSteps: 1,
  weightDecay: 0.01,
  seed: 1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  warmupRatio: 0.1,
  schedule: 'linear',
  dropout: 0.1,
  maxLength: 16,
  truncationSide: 'right',
  pooling: null,
  adapter: null,
  freeze: { kind: 'none' },
  earlyStopping: null,
  checkpointEverySteps: 10,
};

/** Adds experiments on the bundled model, with runs that train, and a dataset version that has no file. Returns what they are known by. */
export async function addExperiments(query, count) {
  const [{ modelId, projectId, digest }] = await query(
    'SELECT id AS "modelId", project_id AS "projectId", digest FROM base_models LIMIT 1',
  );
  const [datasetId, versionId] = [randomUUID(), randomUUID()];
  await query('INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, $3)', [datasetId, projectId, datasetId]);
  await query(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     VALUES ($1, $2, 1, $3, $3, 'CSV', 1, 0, '[]', '[]', '{}')`,
    [versionId, datasetId, digest],
  );
  const spec = {
    method: 'supervised',
    baseModelDigest: digest,
    datasetDigest: digest,
    textColumn: 'text',
    pairColumn: null,
    trainSplit: 'train',
    validationSplit: 'validation',
    hyperparameters,
    labelColumn: 'label',
    labels: ['ham', 'spam'],
    classWeights: { kind: 'none' },
  };
  const experiments = Array.from({ length: count }, () => ({ experimentId: randomUUID(), runId: randomUUID() }));
  for (const { experimentId, runId } of experiments) {
    await query(
      `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
       VALUES ($1, $2, 'measured', 'supervised', $3, $4, $5)`,
      [experimentId, projectId, JSON.stringify(spec), modelId, versionId],
    );
    await query(`INSERT INTO runs (id, experiment_id, status, attempt) VALUES ($1, $2, 'TRAINING', 1)`, [
      runId,
      experimentId,
    ]);
  }
  return experiments;
}

/** A noisy curve with a few values that are not finite. */
export function valueAt(step) {
  if (step % 77_777 === 5) return Number.NaN;
  if (step % 99_991 === 7) return Number.POSITIVE_INFINITY;
  return 2 * Math.exp(-step / 200_000) + 0.1 * Math.sin(step / 500) + 0.05 * Math.sin(step * 12.9898);
}

/** Writes points of one attempt, steps `from` to `to`, in batches of 2,000. */
export async function writePoints(transaction, { runId, attempt, key, from, to }) {
  for (let start = from; start <= to; start += 2000) {
    const length = Math.min(2000, to - start + 1);
    const points = Array.from({ length }, (_, i) => {
      const step = start + i;
      return { key, step, seq: step + (attempt - 1) * 10_000_000, epoch: step / 1000, value: valueAt(step) };
    });
    await transaction((query) => insertMetricPoints(query, runId, attempt, points));
  }
}

const trainingKeys = ['train/loss', 'train/learningRate', 'train/gradientNorm', 'train/examplesPerSecond'];

/** One batch of a worker: `steps` steps from `step` on, as events, with their points; `former`: without summaries. */
export async function appendBatch(transaction, { runId, step, steps, former }) {
  const events = Array.from({ length: steps }, (_, i) => ({
    kind: 'metricsRecorded',
    step: step + i,
    epoch: (step + i) / 1000,
    samples: trainingKeys.map((key) => ({ key, value: Math.sin(step + i) })),
  }));
  await transaction((query) => appendRunEvents(former ? withoutSummaries(query) : query, runId, events, null));
}

function withoutSummaries(query) {
  return (sql, parameters) =>
    sql.includes('INSERT INTO metric_spans') ? query(formerInsert, parameters.slice(0, 7)) : query(sql, parameters);
}
