import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { writeProgress } from '../../../gpu-worker/queue/job-progress.js';
import { fail, stop, succeed } from '../../../gpu-worker/queue/settle.js';
import { requestTransferCancel } from '../../../src/jobs/cancel-transfer.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import { removeUnusedArtifacts } from '../../../src/protocol/sql/remove-artifacts.js';
import { createDigestStore } from '../../support/memory-store.js';
import { artifactOf, createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
});
afterAll(() => rows?.close());

/** A batch prediction of an uploaded file, whose rows are the artifact `source`. */
async function addBatch(source: string): Promise<string> {
  const id = randomUUID();
  await rows.transaction(async (query) => {
    await query(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 5, 'application/octet-stream')`, [
      digestOf(source),
    ]);
    await query(
      `INSERT INTO batch_predictions (id, project_id, base_model_id, source_digest, source_name, text_column, format, columns, file_name, row_count, status)
       VALUES ($1, $2, $3, $4, 'rows.csv', 'text', 'csv', '[]', 'base-rows.csv', 2, 'QUEUED')`,
      [id, rows.projectId, rows.baseModelId, digestOf(source)],
    );
    await enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: {
        kind: 'predictBatch',
        batchPredictionId: id,
        modelDigest: digestOf('model'),
        dataDigest: digestOf(source),
        split: null,
        rowCount: 2,
        textColumn: 'text',
        pairColumn: null,
        format: 'csv',
        columns: [],
        fileName: 'base-rows.csv',
      },
    });
  });
  return id;
}

const claim = () => claimJob(rows.pool, { workerId, lane: 'batch', leaseSeconds: 30, engine });
async function claimNext(): Promise<Claim> {
  const claimed = await claim();
  if (claimed === null) throw new Error('There is nothing to claim.');
  return claimed;
}

async function stateOf(id: string) {
  const [row] = await rows.query(
    `SELECT status, progress, files, error_count::int AS errors, source_digest AS source, problem ->> 'code' AS problem,
            started_at IS NOT NULL AS started, finished_at IS NOT NULL AS finished
       FROM batch_predictions WHERE id = $1`,
    [id],
  );
  return row;
}
const noted = () => rows.query<{ digest: string }>('SELECT digest FROM artifact_removals');

const result = artifactOf('predicted');
const file = { name: 'base-rows.csv', digest: result.digest, sizeBytes: result.sizeBytes };
const outcome = {
  kind: 'finished',
  result: { kind: 'predictBatch', file, errorCount: 1 },
  model: null,
  files: [result],
} as const;

test('one that succeeds has its file; the rows of the upload are given up', async () => {
  const id = await addBatch('first source');
  const { job } = await claimNext();
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING', started: true, source: digestOf('first source') });
  await writeProgress(rows.query, job, { table: 'batch_predictions', id }, { rowsDone: 1, rowsTotal: 2 });
  expect(await stateOf(id)).toMatchObject({ progress: { rowsDone: 1, rowsTotal: 2 } });
  const store = createDigestStore([result.digest]).store;
  for (let call = 1; call <= 2; call += 1) await rows.transaction((query) => succeed(query, store, job, outcome));
  expect(await stateOf(id)).toMatchObject({
    status: 'SUCCEEDED',
    files: [file],
    errors: 1,
    source: null,
    finished: true,
  });
  expect(await noted()).toEqual([{ digest: digestOf('first source') }]);
  // The file is in use and counts, the source is not and does not.
  const removed: string[] = [];
  await rows.transaction((query) =>
    removeUnusedArtifacts(query, [result.digest, digestOf('first source')], async (digest) => {
      removed.push(digest);
    }),
  );
  expect(removed).toEqual([digestOf('first source')]);
  const [before] = await storageOfProjects(rows.query, [rows.projectId]);
  await rows.query('UPDATE batch_predictions SET files = NULL WHERE id = $1', [id]);
  const [after] = await storageOfProjects(rows.query, [rows.projectId]);
  expect(before!.bytes - after!.bytes).toBe(result.sizeBytes);
});

test('one given back waits again with its rows; a lost one is taken over, and the late attempt writes nothing', async () => {
  const id = await addBatch('second source');
  const first = await claimNext();
  await rows.transaction((query) => stop(query, first.job));
  expect(await stateOf(id)).toMatchObject({ status: 'QUEUED', source: digestOf('second source') });
  const second = await claimNext();
  await expireLease(rows.query, second.job.id);
  const third = await claimNext();
  expect(third.job).toMatchObject({ id: first.job.id, attempt: 3 });
  const store = createDigestStore([result.digest]).store;
  await expect(rows.transaction((query) => succeed(query, store, second.job, outcome))).rejects.toThrow(AttemptOver);
  await rows.transaction((query) => requestTransferCancel(query, 'batchPrediction', id, []));
  expect(await heartbeat(rows.query, third.job, 30)).toBe('CANCEL');
  await rows.transaction((query) => stop(query, third.job));
  expect(await stateOf(id)).toMatchObject({ status: 'CANCELED', source: null, finished: true });
});

test('one that waits is canceled at once, and one that fails keeps its problem', async () => {
  const waiting = await addBatch('third source');
  await rows.transaction((query) => requestTransferCancel(query, 'batchPrediction', waiting, []));
  expect(await stateOf(waiting)).toMatchObject({ status: 'CANCELED', source: null });
  expect(await claim()).toBeNull();
  await expect(
    rows.transaction((query) => requestTransferCancel(query, 'batchPrediction', randomUUID(), ['batchPredictionId'])),
  ).rejects.toMatchObject({ problems: [{ code: 'NOT_FOUND', message: 'There is no batch prediction with this id.' }] });

  const broken = await addBatch('fourth source');
  const { job } = await claimNext();
  const problem = { path: ['textColumn'], code: 'UNKNOWN_COLUMN', message: 'no column', hint: null };
  await rows.transaction((query) => fail(query, job, problem));
  expect(await stateOf(broken)).toMatchObject({ status: 'FAILED', problem: 'UNKNOWN_COLUMN', source: null });
  await expect(
    rows.transaction((query) => requestTransferCancel(query, 'batchPrediction', broken, ['batchPredictionId'])),
  ).rejects.toMatchObject({ problems: [{ code: 'CONFLICT' }] });
});

test('a file that passes the storage quota is refused, also when the project grew meanwhile', async () => {
  const id = await addBatch('fifth source');
  await rows.query('UPDATE projects SET max_storage_bytes = 1000 WHERE id = $1', [rows.projectId]);
  const claimed = await claimNext();
  expect(claimed.storageLeftBytes).toBeGreaterThan(900);
  await rows.query('UPDATE projects SET max_storage_bytes = 1 WHERE id = $1', [rows.projectId]);
  const store = createDigestStore([result.digest]).store;
  await expect(rows.transaction((query) => succeed(query, store, claimed.job, outcome))).rejects.toMatchObject({
    problem: { code: 'QUOTA_EXCEEDED' },
  });
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING', files: null });
});
