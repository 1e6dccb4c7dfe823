import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { discardArtifacts } from '../../../gpu-worker/queue/discard-artifacts.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { writeProgress } from '../../../gpu-worker/queue/job-progress.js';
import { fail, stop, succeed } from '../../../gpu-worker/queue/settle.js';
import { removeOldWorkers } from '../../../gpu-worker/queue/workers.js';
import type { ImportedModel } from '../../../gpu-worker/thread-protocol.js';
import { requestTransferCancel } from '../../../src/jobs/cancel-transfer.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { removeUnusedArtifacts } from '../../../src/protocol/sql/remove-artifacts.js';
import { createDigestStore } from '../../support/memory-store.js';
import {
  artifactOf,
  createRunRows,
  digestOf,
  engine,
  expireLease,
  manifest,
  producedModel,
  type RunRows,
} from '../../support/run-rows.js';

let rows: RunRows;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
});
afterAll(() => rows?.close());

const imported: ImportedModel = { ...producedModel, source: 'folder:/models/mini', ignoredTensors: ['cls.weight'] };
const store = createDigestStore(producedModel.artifacts.map(({ digest }) => digest)).store;
const problem = { path: ['source'], code: 'INVALID_MODEL', message: 'no config.json', hint: null };

async function addImport(name: string): Promise<string> {
  const importId = randomUUID();
  const source = { kind: 'folder', path: '/models/mini' } as const;
  await rows.transaction(async (query) => {
    await query(`INSERT INTO model_imports (id, project_id, name, source, status) VALUES ($1, $2, $3, $4, 'QUEUED')`, [
      importId,
      rows.projectId,
      name,
      JSON.stringify(source),
    ]);
    await enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: { kind: 'import', importId, source, licence: null, adapterBaseDigest: null },
    });
  });
  return importId;
}

async function addExport(): Promise<string> {
  const exportId = randomUUID();
  await rows.transaction(async (query) => {
    await query(
      `INSERT INTO model_exports (id, project_id, base_model_id, format, status) VALUES ($1, $2, $3, 'onnx', 'QUEUED')`,
      [exportId, rows.projectId, rows.baseModelId],
    );
    await enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: { kind: 'export', exportId, modelDigest: digestOf('model'), format: 'onnx' },
    });
  });
  return exportId;
}

async function claimNext(): Promise<Claim> {
  const claim = await claimTransfer();
  if (claim === null) throw new Error('There is nothing to claim.');
  return claim;
}

const claimTransfer = () => claimJob(rows.pool, { workerId, lane: 'transfer', leaseSeconds: 30, engine });
const finished = (claim: Claim, model = imported) =>
  rows.transaction((query) =>
    succeed(query, store, claim.job, {
      kind: 'finished',
      result: { kind: 'import', modelDigest: model.digest },
      model,
    }),
  );

async function stateOf(importId: string) {
  const [row] = await rows.query(
    `SELECT i.status, i.problem, i.progress, i.ignored_tensors AS "ignoredTensors", m.name AS model, m.source,
            i.started_at IS NOT NULL AS started, i.finished_at IS NOT NULL AS finished
       FROM model_imports i LEFT JOIN base_models m ON m.id = i.base_model_id WHERE i.id = $1`,
    [importId],
  );
  return row;
}

test('an import that succeeds registers its model under the name it was asked for', async () => {
  const id = await addImport('mini');
  const claim = await claimNext();
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING', started: true, finished: false, model: null });
  await finished(claim);
  // The answer to COMMIT was lost: the same write again changes nothing.
  await finished(claim);
  expect(await stateOf(id)).toMatchObject({
    status: 'SUCCEEDED',
    finished: true,
    model: 'mini',
    source: 'folder:/models/mini',
    ignoredTensors: ['cls.weight'],
  });
});

test('a name that a run took meanwhile gets the import id beside it', async () => {
  const id = await addImport('taken meanwhile');
  const claim = await claimNext();
  await rows.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, 'taken meanwhile', $3, $4, 'test')`,
    [randomUUID(), rows.projectId, digestOf('model'), JSON.stringify(manifest)],
  );
  await finished(claim);
  expect(await stateOf(id)).toMatchObject({ model: `taken meanwhile (${id.slice(0, 8)})` });
});

test('an import that fails keeps its problem, and its name is free again', async () => {
  const id = await addImport('broken');
  const claim = await claimNext();
  await rows.transaction((query) => fail(query, claim.job, problem));
  expect(await stateOf(id)).toMatchObject({ status: 'FAILED', problem, model: null });
  await addImport('broken');
  await finished(await claimNext());
});

test('an import given back by its worker is queued again; one that is unwanted is canceled', async () => {
  const id = await addImport('interrupted');
  const first = await claimNext();
  await rows.transaction((query) => stop(query, first.job));
  expect(await stateOf(id)).toMatchObject({ status: 'QUEUED' });
  const second = await claimNext();
  expect(second.job.attempt).toBe(2);
  await rows.transaction((query) => requestTransferCancel(query, 'import', id, []));
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING' });
  expect(await heartbeat(rows.query, second.job, 30)).toBe('CANCEL');
  await rows.transaction((query) => stop(query, second.job));
  expect(await stateOf(id)).toMatchObject({ status: 'CANCELED', finished: true });
  expect(await claimTransfer()).toBeNull();
});

test('one that is finished before it sees the cancel has SUCCEEDED', async () => {
  const id = await addImport('too late to cancel');
  const claim = await claimNext();
  await rows.transaction((query) => requestTransferCancel(query, 'import', id, []));
  await finished(claim);
  expect(await stateOf(id)).toMatchObject({ status: 'SUCCEEDED' });
});

test('an attempt that lost its lease can write nothing; the next one takes over', async () => {
  const id = await addImport('lost');
  const old = await claimNext();
  await writeProgress(
    rows.query,
    old.job,
    { table: 'model_imports', id },
    { bytesDone: 5, bytesTotal: 10, currentFile: 'a' },
  );
  await expireLease(rows.query, old.job.id);
  const next = await claimNext();
  expect(next.job).toMatchObject({ id: old.job.id, attempt: 2 });
  await expect(finished(old)).rejects.toThrow(AttemptOver);
  await expect(heartbeat(rows.query, old.job, 30)).rejects.toThrow(AttemptOver);
  await writeProgress(
    rows.query,
    old.job,
    { table: 'model_imports', id },
    { bytesDone: 9, bytesTotal: 10, currentFile: 'a' },
  );
  // Neither the late write nor what the lost attempt had moved: the next one starts anew.
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING', progress: null });
  await finished(next);
});

test('three workers lost in a row fail it; a lost one that is unwanted is canceled', async () => {
  const doomed = await addImport('doomed');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const { job } = await claimNext();
    expect(job.attempt).toBe(attempt);
    await expireLease(rows.query, job.id);
  }
  expect(await claimTransfer()).toBeNull();
  expect(await stateOf(doomed)).toMatchObject({ status: 'FAILED', problem: { code: 'WORKER_LOST' } });

  const unwanted = await addImport('unwanted');
  const { job } = await claimNext();
  await rows.query(`UPDATE model_imports SET desired = 'CANCEL' WHERE id = $1`, [unwanted]);
  await expireLease(rows.query, job.id);
  expect(await claimTransfer()).toBeNull();
  expect(await stateOf(unwanted)).toMatchObject({ status: 'CANCELED' });
});

test('an export is claimed before an import, and its files are kept', async () => {
  await addImport('later');
  const exportId = await addExport();
  const claim = await claimNext();
  expect(claim.job.payload).toMatchObject({ kind: 'export', exportId });
  const file = artifactOf('onnx file');
  const files = [{ name: 'model.onnx', digest: file.digest, sizeBytes: file.sizeBytes }];
  const outcome = { kind: 'finished', result: { kind: 'export', files }, model: null, files: [file] } as const;
  const { store: without } = createDigestStore();
  await expect(
    rows.transaction((query) => succeed(query, without, claim.job, { ...outcome, result: { kind: 'export', files } })),
  ).rejects.toThrow('is not in the store');
  const { store: withFile, digests } = createDigestStore([file.digest]);
  await rows.transaction((query) =>
    succeed(query, withFile, claim.job, { ...outcome, result: { kind: 'export', files } }),
  );
  expect(await rows.query('SELECT status, files FROM model_exports WHERE id = $1', [exportId])).toEqual([
    { status: 'SUCCEEDED', files },
  ]);
  // An equal file of an unfinished job is given back: the export's stays.
  await rows.transaction((query) => discardArtifacts(query, withFile, [file.digest]));
  expect(digests).toContain(file.digest);
  await finished(await claimNext());
});

test('files of adapters and files that came with a model are in use; others are removed', async () => {
  const [adapter, vocabulary, unused] = ['adapter', 'vocab.txt', 'unused'].map(artifactOf);
  const used = [adapter!, vocabulary!];
  await rows.query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) SELECT unnest($1::text[]), 1, 'application/octet-stream'`,
    [[...used, unused!].map(({ digest }) => digest)],
  );
  const config = { rank: 1, alpha: 1, rankStabilized: false, dropout: 0, targetModules: ['query'] };
  const adapted = {
    ...manifest,
    adapter: { config, weights: { digest: adapter!.digest, sizeBytes: 1 } },
    files: [{ name: 'vocab.txt', digest: vocabulary!.digest, sizeBytes: 1 }],
  };
  await rows.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, 'adapted', $3, $4, 'test')`,
    [randomUUID(), rows.projectId, digestOf('model'), JSON.stringify(adapted)],
  );
  const removed: string[] = [];
  const digests = [...used, unused!].map(({ digest }) => digest);
  await rows.transaction((query) =>
    removeUnusedArtifacts(query, digests, async (digest) => {
      removed.push(digest);
    }),
  );
  expect(removed).toEqual([unused!.digest]);
});

test('workers that went a week ago leave the list, unless a job or an attempt names them', async () => {
  const [gone, named] = [await rows.addWorker(), await rows.addWorker()];
  const ids = [gone, named];
  await rows.query(
    `UPDATE workers SET stopped_at = now() - interval '8 days', last_seen_at = now() - interval '8 days' WHERE id = ANY($1)`,
    [ids],
  );
  await addImport('named');
  const claim = await claimNext();
  await rows.query('UPDATE jobs SET worker_id = $2 WHERE id = $1', [claim.job.id, named]);
  await removeOldWorkers(rows.query);
  expect(await rows.query('SELECT id FROM workers WHERE id = ANY($1)', [ids])).toEqual([{ id: named }]);
  expect(await rows.query('SELECT 1 FROM workers WHERE id = $1', [workerId])).toHaveLength(1);
  await finished(claim);
});
