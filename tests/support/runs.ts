import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../src/database/transaction.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import type { MetricSample, RunEvent } from '../../src/protocol/run-event.js';
import type { RunStatus } from '../../src/protocol/run-status.js';
import { appendRunEvents } from '../../src/protocol/sql/append-events.js';
import { changeRunStatus } from '../../src/protocol/sql/change-status.js';
import type { TestApi } from './api.js';
import { ids, insertBaseModel, insertDataset, insertWorker } from './rows.js';

/** An experiment of the API, and the id of its run, by which a worker knows it. */
export interface TestExperiment {
  readonly id: string;
  readonly runId: string;
}

/** Creates an experiment, on a model and a dataset version of its own unless they are given. */
export async function createTestExperiment(
  api: Pick<TestApi, 'dataSource' | 'projectId' | 'request'>,
  options: { readonly name: string; readonly baseModel?: string; readonly version?: string },
): Promise<TestExperiment> {
  const baseModel =
    options.baseModel ?? (await insertBaseModel(api.dataSource, api.projectId, { name: `model of ${options.name}` }));
  const version =
    options.version ??
    (await insertDataset(api.dataSource, api.projectId, { name: `data of ${options.name}` })).versionIds[0]!;
  const { createExperiment } = await api.request<{ createExperiment: { id: string } }>(
    /* GraphQL */ `mutation ($input: CreateExperimentInput!) {
      createExperiment(input: $input) { ... on Experiment { id } ... on Problems { problems { path message } } } }`,
    {
      input: {
        name: options.name,
        baseModelId: ids.baseModel(baseModel),
        datasetVersionId: ids.version(version),
        method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
      },
    },
  );
  const [run] = await api.dataSource.query('SELECT id FROM runs WHERE experiment_id = $1', [
    parseGlobalId(createExperiment.id)!.uuid,
  ]);
  return { id: createExperiment.id, runId: run.id };
}

/** Appends events with the statements a worker uses. Returns the last seq. */
export function record(dataSource: DataSource, runId: string, events: readonly RunEvent[]): Promise<number | null> {
  return inTransaction(dataSource, ({ query }) => appendRunEvents(query, runId, events, null));
}

export async function enter(dataSource: DataSource, runId: string, ...statuses: RunStatus[]): Promise<void> {
  for (const to of statuses) {
    await inTransaction(dataSource, ({ query }) => changeRunStatus(query, { runId, to, reason: null }, null));
  }
}

/** Writes what a claim writes: a new attempt of the run on a worker. */
export async function beginAttempt(dataSource: DataSource, runId: string, attempt: number): Promise<void> {
  const workerId = await insertWorker(dataSource);
  await dataSource.query('UPDATE runs SET attempt = $2 WHERE id = $1', [runId, attempt]);
  await dataSource.query(
    `INSERT INTO run_attempts (run_id, attempt, worker_id, engine) SELECT $1, $2, w.id, w.engine FROM workers w WHERE w.id = $3`,
    [runId, attempt, workerId],
  );
}

export async function insertCheckpoint(
  dataSource: DataSource,
  runId: string,
  step: number,
  digest: string,
): Promise<string> {
  const id = randomUUID();
  await dataSource.query(
    `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best)
     VALUES ($1, $2, 1, $3, $4, ARRAY[$4], 5000000000, true)`,
    [id, runId, step, digest],
  );
  return id;
}

export function metrics(step: number, values: Readonly<Record<string, number>>): RunEvent {
  const samples = Object.entries(values).map(([key, value]): MetricSample => {
    if (Number.isFinite(value)) return { key, value };
    if (Number.isNaN(value)) return { key, value: null, nonFinite: 'NAN' };
    return { key, value: null, nonFinite: value > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY' };
  });
  return { kind: 'metricsRecorded', step, epoch: step / 10, samples };
}
