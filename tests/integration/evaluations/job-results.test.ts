import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { fail, succeed } from '../../../gpu-worker/queue/settle.js';
import { type Events, openEvents } from '../../../src/app/open-events.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { JobResult } from '../../../src/protocol/job.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, digestOf, engine, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
let events: Events;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
  events = openEvents({
    databaseUrl: rows.database.url,
    query: rows.query,
    log: () => undefined,
    pollIntervalMs: 60_000,
  });
  await events.ready;
});
afterAll(async () => {
  await events.close();
  await rows.close();
});

const result: JobResult = {
  kind: 'predict',
  predictions: [
    {
      tokenCount: 3,
      truncated: false,
      tasks: [{ kind: 'classification', task: 'label', labels: [{ label: 'ham', probability: 1 }] }],
    },
  ],
};

async function queuePrediction(): Promise<string> {
  const id = randomUUID();
  await rows.transaction((query) =>
    enqueueJob(query, {
      id,
      projectId: rows.projectId,
      payload: { kind: 'predict', modelDigest: digestOf('model'), texts: ['x'], pairs: null },
    }),
  );
  return id;
}

async function claimPrediction() {
  const claim = await claimJob(rows.pool, { workerId, lane: 'short', leaseSeconds: 30, engine });
  if (claim === null) throw new Error('No prediction could be claimed.');
  return claim.job;
}

test('whoever waits for a prediction gets its result by notification', async () => {
  const id = await queuePrediction();
  const waiting = events.jobResults.wait(id, 30_000);
  const job = await claimPrediction();

  await rows.transaction((query) =>
    succeed(query, createDigestStore().store, job, { kind: 'finished', result, model: null }),
  );

  expect(await waiting).toEqual({ state: 'succeeded', result });
  expect(await events.jobResults.wait(id, 30_000)).toEqual({ state: 'succeeded', result });
});

test('a failed job tells its problem', async () => {
  const id = await queuePrediction();
  const problem = { path: ['texts', '0'], code: 'TOO_LONG', message: 'too long', hint: null };
  const waiting = events.jobResults.wait(id, 30_000);
  const job = await claimPrediction();

  await rows.transaction((query) => fail(query, job, problem));

  expect(await waiting).toEqual({ state: 'failed', problem });
});

test('a job nobody does in time gives null', async () => {
  expect(await events.jobResults.wait(await queuePrediction(), 50)).toBeNull();
  await claimPrediction();
});

test('a worker that signs on is announced to those who watch', async () => {
  const changes = events.workerChanges.subscribe();
  const next = changes.next();
  await Promise.resolve();

  const id = await rows.addWorker();

  expect(await next).toEqual({ done: false, value: id });
  await changes.return();
});
