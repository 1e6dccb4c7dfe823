import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { preparationsByIds } from '../../../src/datasets/preparation/preparation.reads.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { usualLicencePolicy } from '../../../src/protocol/licences/policy.js';
import type { InspectJob } from '../../../src/protocol/model-inspection.js';
import type { PrepareJob } from '../../../src/protocol/preparation/prepare-job.js';
import type { PreviewJob } from '../../../src/protocol/preparation/preview.js';
import type { Problem } from '../../../src/protocol/run-event.js';
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

test('of jobs whose workers were lost, the hint is about what their memory goes to', async () => {
  const source = { kind: 'upload', uploadId: randomUUID(), digest: digestOf('source'), fileName: 'a.csv' } as const;
  const preview: PreviewJob = {
    kind: 'preview',
    sources: [{ ...source, format: 'CSV', fileOptions: null, split: null }],
    recipe: [],
    namedVersions: [],
    maxRows: 10,
  };
  const inspect: InspectJob = {
    kind: 'inspect',
    source: { kind: 'folder', path: '/models/m' },
    licence: null,
    licencePolicy: usualLicencePolicy,
    adapterBaseDigest: null,
    storageLeftBytes: null,
    timeoutMs: 1000,
  };
  for (const [payload, words] of [
    [preview, 'fewer rows, shorter texts or fewer steps at once'],
    [inspect, 'the model is too large for it'],
  ] as const) {
    const id = randomUUID();
    await rows.transaction((query) => enqueueJob(query, { id, projectId: rows.projectId, payload }));
    for (let lost = 0; lost < 3; lost++) {
      const workerId = await rows.addWorker();
      expect(await claimJob(rows.pool, { workerId, lane: 'preview', leaseSeconds: 30, engine })).not.toBeNull();
      await rows.query(`UPDATE workers SET ending = '{"kind":"signal","signal":"SIGKILL"}' WHERE id = $1`, [workerId]);
      await expireLease(rows.query, id);
    }
    const workerId = await rows.addWorker();
    expect(await claimJob(rows.pool, { workerId, lane: 'preview', leaseSeconds: 30, engine })).toBeNull();
    const [job] = await rows.query<{ problem: Problem }>('SELECT problem FROM jobs WHERE id = $1', [id]);
    expect(job!.problem).toMatchObject({ code: 'WORKER_LOST', hint: expect.stringContaining(words) });
  }
});
