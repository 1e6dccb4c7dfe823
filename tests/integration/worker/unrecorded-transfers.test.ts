import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobThread } from '../../../gpu-worker/lanes/job-thread.js';
import { runJob } from '../../../gpu-worker/lanes/run-job.js';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import type { ImportedModel, JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import { requestTransferCancel } from '../../../src/jobs/cancel-transfer.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { JobLane, JobPayload } from '../../../src/protocol/job.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import { scoresOfKinds } from '../../support/head-scores.js';
import { createDigestStore } from '../../support/memory-store.js';
import {
  artifactOf,
  createRunRows,
  digestOf,
  engine,
  expireLease,
  producedModel,
  type RunRows,
} from '../../support/run-rows.js';

// What becomes of the files of a transfer, or of an evaluation, whose thread has finished, when that can't be recorded.
// The base model of the test's rows names 'weights' and 'tokenizer', as the imported one does.

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const leaseMs = 30_000;

let rows: RunRows;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
});
afterAll(() => rows?.close());

const model: ImportedModel = { ...producedModel, source: 'folder:/models/mini', ignoredTensors: [] };
const imported = (as = model): JobOutcome => ({
  kind: 'finished',
  result: { kind: 'import', modelDigest: as.digest },
  model: as,
});
const shared = [digestOf('weights'), digestOf('tokenizer')];
const all = model.artifacts.map(({ digest }) => digest);

async function addImport(): Promise<string> {
  const importId = randomUUID();
  const source = { kind: 'folder', path: '/models/mini' } as const;
  await rows.query(
    `INSERT INTO model_imports (id, project_id, name, source, status) VALUES ($1, $2, $3, $4, 'QUEUED')`,
    [importId, rows.projectId, importId, JSON.stringify(source)],
  );
  await enqueue({ kind: 'import', importId, source, licence: null, adapterBaseDigest: null });
  return importId;
}

async function addExport(): Promise<string> {
  const exportId = randomUUID();
  await rows.query(
    `INSERT INTO model_exports (id, project_id, base_model_id, format, status) VALUES ($1, $2, $3, 'onnx', 'QUEUED')`,
    [exportId, rows.projectId, rows.baseModelId],
  );
  await enqueue({ kind: 'export', exportId, modelDigest: digestOf('model'), format: 'onnx' });
  return exportId;
}

const enqueue = (payload: JobPayload) =>
  rows.transaction((query) => enqueueJob(query, { id: randomUUID(), projectId: rows.projectId, payload }));

/** Does the waiting job on a thread that ends so, after `meanwhile`. Returns which of the files are left. */
async function filesAfter(
  outcome: JobOutcome,
  written: readonly string[],
  meanwhile: (jobId: string) => Promise<unknown> = async () => undefined,
  lane: JobLane = 'transfer',
): Promise<readonly string[]> {
  const { store, digests } = createDigestStore(written);
  const now = () => performance.now();
  const claimedAt = now();
  const claim = await claimJob(rows.pool, { workerId, lane, leaseSeconds: leaseMs / 1000, engine });
  if (claim === null) throw new Error('There is nothing to claim.');
  const thread: JobThread = {
    engine: null,
    alive: true,
    run: async ({ job }) => {
      await meanwhile(job.id);
      return outcome;
    },
    measure: async () => null,
    acknowledge: () => undefined,
    exit: async () => undefined,
  };
  await runJob(claim, claimedAt, thread, {
    pool: rows.pool,
    store,
    log: log as never,
    leaseMs,
    heartbeatIntervalMs: leaseMs,
    now,
    onStalled: () => undefined,
  }).ended;
  return [...digests];
}

const statusOf = (table: 'model_imports' | 'model_exports', id: string) =>
  rows.query(`SELECT status FROM ${table} WHERE id = $1`, [id]);

test('an import that was canceled meanwhile leaves only the files that a model has', async () => {
  const id = await addImport();
  const left = await filesAfter(imported(), all, (jobId) =>
    // In one transaction: no heartbeat comes in between.
    rows.transaction(async (query) => {
      await expireLease(query, jobId);
      await requestTransferCancel(query, 'import', id, []);
    }),
  );
  expect(left).toEqual(shared);
  expect(await statusOf('model_imports', id)).toEqual([{ status: 'CANCELED' }]);
  expect(await rows.query('SELECT 1 FROM artifacts WHERE digest = $1', [model.digest])).toEqual([]);
});

test('an export whose attempt is over leaves no file', async () => {
  const id = await addExport();
  const file = artifactOf('graph of the first attempt');
  const files = [{ name: 'model.onnx', digest: file.digest, sizeBytes: file.sizeBytes }];
  const outcome: JobOutcome = { kind: 'finished', result: { kind: 'export', files }, model: null, files: [file] };
  let jobId = '';
  const left = await filesAfter(outcome, [file.digest], (id) => {
    jobId = id;
    return rows.query('UPDATE jobs SET attempt = attempt + 1 WHERE id = $1', [id]);
  });
  expect(left).toEqual([]);
  expect(await statusOf('model_exports', id)).toEqual([{ status: 'RUNNING' }]);
  await rows.query(`UPDATE jobs SET state = 'canceled' WHERE id = $1`, [jobId]);
});

test('an evaluation whose attempt is over leaves no file', async () => {
  const evaluationId = randomUUID();
  const tasks = [{ task: 'topic', targetColumns: ['topic'] }];
  await rows.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
     VALUES ($1, $2, $3, $4, 'test', 'text', $5, 'QUEUED')`,
    [evaluationId, rows.projectId, rows.baseModelId, rows.datasetVersionId, JSON.stringify(tasks)],
  );
  await enqueue({
    kind: 'evaluate',
    evaluationId,
    modelDigest: digestOf('model'),
    datasetDigest: digestOf('parquet'),
    split: 'test',
    textColumn: 'text',
    pairColumn: null,
    tasks,
  });
  const file = artifactOf('examples of the first attempt');
  const result = { kind: 'evaluate' as const, tasks: [scoresOfKinds.classification], examplesDigest: file.digest };
  const left = await filesAfter(
    { kind: 'finished', result, model: null, files: [file] },
    [file.digest],
    (id) => rows.query(`UPDATE jobs SET state = 'canceled' WHERE id = $1`, [id]),
    'short',
  );
  expect(left).toEqual([]);
});

test('an import that the database refuses fails and leaves only the files that a model has', async () => {
  const id = await addImport();
  const left = await filesAfter(imported({ ...model, source: 'folder:\u0000' }), all);
  expect(left).toEqual(shared);
  expect(await statusOf('model_imports', id)).toEqual([{ status: 'FAILED' }]);
});

test('an import with a file missing is queued again without the others', async () => {
  const id = await addImport();
  const left = await filesAfter(
    imported(),
    all.filter((digest) => digest !== digestOf('tokenizer')),
  );
  expect(left).toEqual([digestOf('weights')]);
  expect(await statusOf('model_imports', id)).toEqual([{ status: 'QUEUED' }]);

  // The next attempt writes them all, and has them recorded.
  expect(await filesAfter(imported(), all)).toEqual(all);
  expect(await statusOf('model_imports', id)).toEqual([{ status: 'SUCCEEDED' }]);
});

test('an import that the project may not take up fails with the figures, and leaves only the files that a model has', async () => {
  const id = await addImport();
  const own = artifactOf('another manifest');
  const another = { ...model, digest: own.digest, artifacts: [own, ...model.artifacts.slice(1)] };
  // Weights and tokenizer are there already: it would add the 16 bytes of its manifest.
  const bytes = (await storageOfProjects(rows.query, [rows.projectId]))[0]!.bytes;
  await rows.query('UPDATE projects SET max_storage_bytes = $2 WHERE id = $1', [rows.projectId, bytes + 15]);

  expect(await filesAfter(imported(another), [own.digest, ...shared])).toEqual(shared);

  expect(await rows.query('SELECT status, problem FROM model_imports WHERE id = $1', [id])).toEqual([
    {
      status: 'FAILED',
      problem: {
        path: [],
        code: 'QUOTA_EXCEEDED',
        message: `The project would hold ${bytes + 16} bytes; it may hold ${bytes + 15}.`,
        hint: 'An administrator of the server can raise the quota with setProjectQuota.',
      },
    },
  ]);
  expect(await rows.query('SELECT 1 FROM base_models WHERE digest = $1', [own.digest])).toEqual([]);

  await rows.query('UPDATE projects SET max_storage_bytes = $2 WHERE id = $1', [rows.projectId, bytes + 16]);
  const again = await addImport();
  await filesAfter(imported(another), [own.digest, ...shared]);
  expect(await statusOf('model_imports', again)).toEqual([{ status: 'SUCCEEDED' }]);
});
