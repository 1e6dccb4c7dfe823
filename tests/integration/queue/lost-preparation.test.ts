import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { preparationsByIds } from '../../../src/datasets/preparation/preparation.reads.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { PrepareJob } from '../../../src/protocol/preparation/prepare-job.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

test('a preparation with which three workers were lost says why', async () => {
  const id = randomUUID();
  const upload = { uploadId: randomUUID(), digest: digestOf('source'), fileName: 'a.csv' };
  const payload: PrepareJob = {
    kind: 'prepare',
    preparationId: id,
    target: { kind: 'rows' },
    sources: [{ kind: 'upload', ...upload, format: 'CSV', fileOptions: null, split: null }],
    recipe: [],
    namedVersions: [],
    split: null,
    textNames: null,
    roles: [],
  };
  await rows.transaction(async (query) => {
    await query(
      `INSERT INTO preparations (id, project_id, target, sources, recipe, status) VALUES ($1, $2, $3, $4, '[]', 'QUEUED')`,
      [id, rows.projectId, JSON.stringify(payload.target), JSON.stringify(payload.sources)],
    );
    await enqueueJob(query, { id, projectId: rows.projectId, payload });
  });
  const claim = async () =>
    claimJob(rows.pool, { workerId: await rows.addWorker(), lane: 'data', leaseSeconds: 30, engine });
  for (let lost = 0; lost < 3; lost++) {
    expect(await claim()).not.toBeNull();
    await expireLease(rows.query, id);
  }
  expect(await claim()).toBeNull();
  const [preparation] = await preparationsByIds(rows.query, [id]);
  expect(preparation).toMatchObject({ status: 'FAILED', problems: [{ code: 'WORKER_LOST' }] });
});
