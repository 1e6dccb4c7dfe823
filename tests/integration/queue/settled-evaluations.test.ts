import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { succeed } from '../../../gpu-worker/queue/settle.js';
import type { JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import { ArtifactMissing } from '../../../src/storage/keep-artifacts.js';
import { scoresOfKinds } from '../../support/head-scores.js';
import { createDigestStore } from '../../support/memory-store.js';
import { artifactOf, createRunRows, digestOf, engine, type RunRows } from '../../support/run-rows.js';

// What becomes of the examples that an evaluation gives beside its scores.

let rows: RunRows;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
});
afterAll(() => rows?.close());

const scores = scoresOfKinds.classification;

/** An evaluation whose thread has finished. */
async function finished(outcome: Partial<JobOutcome & { kind: 'finished' }>, digests: readonly string[]) {
  const evaluationId = randomUUID();
  const tasks = [{ task: scores.task, targetColumns: ['topic'] }];
  await rows.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
     VALUES ($1, $2, $3, $4, 'test', 'text', $5, 'QUEUED')`,
    [evaluationId, rows.projectId, rows.baseModelId, rows.datasetVersionId, JSON.stringify(tasks)],
  );
  const payload = {
    kind: 'evaluate',
    evaluationId,
    modelDigest: digestOf('model'),
    datasetDigest: digestOf('parquet'),
    split: 'test',
    textColumn: 'text',
    pairColumn: null,
    tasks,
  } as const;
  await rows.transaction((query) => enqueueJob(query, { id: randomUUID(), projectId: rows.projectId, payload }));
  const claim = await claimJob(rows.pool, { workerId, lane: 'short', leaseSeconds: 30, engine });
  const { store } = createDigestStore(digests);
  const result = { kind: 'evaluate' as const, tasks: [scores] };
  const end = () =>
    rows.transaction((query) =>
      succeed(query, store, claim!.job, { kind: 'finished', result, model: null, ...outcome }),
    );
  const row = async () => {
    const [found] = await rows.query(
      `SELECT status, scores IS NOT NULL AS scored, examples_digest AS digest, examples_missing AS missing
         FROM evaluations WHERE id = $1`,
      [evaluationId],
    );
    return found;
  };
  return { end, row, jobId: claim!.job.id };
}

const withFile = (name: string) => {
  const file = artifactOf(name);
  const result = { kind: 'evaluate' as const, tasks: [scores], examplesDigest: file.digest };
  return { file, outcome: { result, files: [file] } };
};
const bytes = async () => (await storageOfProjects(rows.query, [rows.projectId]))[0]!.bytes;
const noted = (digest: string) => rows.query('SELECT digest FROM artifact_removals WHERE digest = $1', [digest]);

test('they are kept, and counted as storage of the project', async () => {
  const { file, outcome } = withFile('examples');
  const before = await bytes();
  const { end, row } = await finished(outcome, [file.digest]);
  await end();
  expect(await row()).toEqual({ status: 'SUCCEEDED', scored: true, digest: file.digest, missing: null });
  expect(await bytes()).toBe(before + file.sizeBytes);
  expect(await noted(file.digest)).toEqual([]);
});

test('an evaluation whose file is gone has not succeeded', async () => {
  const { outcome } = withFile('gone');
  const { end, row, jobId } = await finished(outcome, []);
  await expect(end()).rejects.toThrow(ArtifactMissing);
  expect(await row()).toMatchObject({ status: 'RUNNING', scored: false, digest: null });
  await rows.query(`UPDATE jobs SET state = 'canceled' WHERE id = $1`, [jobId]);
});

test('beyond the quota the scores are kept, and the examples are left to the next sweep', async () => {
  const { file, outcome } = withFile('too much');
  const before = await bytes();
  await rows.query('UPDATE projects SET max_storage_bytes = $1', [before + file.sizeBytes - 1]);
  const { end, row } = await finished(outcome, [file.digest]);
  await end();
  expect(await row()).toEqual({ status: 'SUCCEEDED', scored: true, digest: null, missing: 'QUOTA_EXCEEDED' });
  expect(await bytes()).toBe(before);
  expect(await noted(file.digest)).toEqual([{ digest: file.digest }]);

  await rows.query('UPDATE projects SET max_storage_bytes = $1', [before + file.sizeBytes]);
  const other = await finished(outcome, [file.digest]);
  await other.end();
  expect(await other.row()).toMatchObject({ digest: file.digest, missing: null });
  await rows.query('UPDATE projects SET max_storage_bytes = NULL');
});

test('where the disk was full, it says so', async () => {
  const result = { kind: 'evaluate' as const, tasks: [scores], examplesMissing: 'DISK_FULL' as const };
  const { end, row } = await finished({ result }, []);
  await end();
  expect(await row()).toEqual({ status: 'SUCCEEDED', scored: true, digest: null, missing: 'DISK_FULL' });
});
