import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { type RunningWorker, startWorker } from '../../../gpu-worker/worker.js';
import { type Events, openEvents } from '../../../src/app/open-events.js';
import { requestCancel, requestPause, resumeRun } from '../../../src/experiments/run-control.js';
import { requestTransferCancel } from '../../../src/jobs/cancel-transfer.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { RunEvent, StoredRunEvent } from '../../../src/protocol/run-event.js';
import type { RunStatus } from '../../../src/protocol/run-status.js';
import { type ModelImportRow, modelImportsByIds } from '../../../src/transfers/transfer.reads.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows, spec } from '../../support/run-rows.js';
import { jobOf, lossPoints, statusPath } from '../../support/run-state.js';

const standIn = new URL('../../support/stand-in-thread.mjs', import.meta.url);
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let rows: RunRows;
let events: Events;
let home: string;
beforeAll(async () => {
  rows = await createRunRows();
  home = await mkdtemp(join(tmpdir(), 'attune-worker-'));
  events = openEvents({ databaseUrl: rows.database.url, query: rows.query, log: () => undefined });
  await events.ready;
});
afterAll(async () => {
  await events.close();
  await rows.close();
  await rm(home, { recursive: true, force: true });
});

interface TestWorker extends RunningWorker, AsyncDisposable {}

async function work(transferThread = standIn): Promise<TestWorker> {
  const worker = await startWorker({
    env: {
      databaseUrl: rows.database.url,
      home,
      engine: 'cpu',
      threads: 1,
      logLevel: 'silent',
      keepStepsSeconds: 5,
      leaseSeconds: 5,
      heartbeatIntervalMs: 500,
      hub: { endpoint: 'http://127.0.0.1:9', token: null },
      importFolders: null,
      rewardKey: null,
      secret: null,
      allowPrivate: '',
      observability: { metrics: null, traces: null },
    },
    threads: {
      training: standIn,
      short: standIn,
      transfer: transferThread,
      batch: standIn,
      data: standIn,
      preview: standIn,
    },
    log,
    onStalled: () => undefined,
  });
  return { ...worker, [Symbol.asyncDispose]: () => worker.stop() };
}

/** A run of so many steps, which the stand-in reads from the spec's seed. */
function addRun(steps: number, textColumn = 'text'): Promise<string> {
  const hyperparameters = { ...spec.hyperparameters, seed: steps, checkpointEverySteps: 10 };
  return rows.addRun('stand-in', { ...spec, textColumn, hyperparameters });
}

/** Follows a run from its start until an event fulfils `isIt`. */
async function until(runId: string, isIt: (event: RunEvent, stored: StoredRunEvent) => boolean): Promise<void> {
  for await (const stored of events.runEvents.subscribe(runId, 0)) if (isIt(stored.event, stored)) return;
  throw new Error(`Run ${runId} ended before: ${(await statusPath(rows.query, runId)).join(', ')}`);
}

const reaches = (status: RunStatus) => (event: RunEvent) => event.kind === 'statusChanged' && event.to === status;
const recordsStep = (step: number) => (event: RunEvent) => event.kind === 'metricsRecorded' && event.step >= step;

/** More steps than any test waits for. */
const endless = 100_000;

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

test('a run is trained to its end, every step once, while a prediction is answered beside it', async () => {
  await using _worker = await work();
  const runId = await addRun(200);
  await until(runId, reaches('TRAINING'));
  const predictionId = randomUUID();
  await rows.transaction((query) =>
    enqueueJob(query, {
      id: predictionId,
      projectId: rows.projectId,
      payload: { kind: 'predict', modelDigest: digestOf('model'), texts: ['four'], pairs: null },
    }),
  );
  expect(await events.jobResults.wait(predictionId, 30_000)).toMatchObject({
    state: 'succeeded',
    result: { predictions: [{ tokenCount: 4 }] },
  });
  await until(runId, reaches('SUCCEEDED'));

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED']);
  expect(await lossPoints(rows.query, runId)).toEqual(upTo(200).map((step) => ({ attempt: 1, step })));
  expect(await rows.query('SELECT 1 FROM base_models WHERE produced_by_run_id = $1', [runId])).toHaveLength(1);
  expect(
    await rows.query('SELECT step FROM checkpoints WHERE run_id = $1 AND pruned_at IS NULL ORDER BY step', [runId]),
  ).toEqual([{ step: 190 }, { step: 200 }]);
});

test('cancel stops the thread between two steps', async () => {
  await using _worker = await work();
  const runId = await addRun(endless);
  await until(runId, recordsStep(5));

  await rows.transaction((query) => requestCancel(query, runId));
  await until(runId, reaches('CANCELED'));

  expect((await statusPath(rows.query, runId)).slice(-3)).toEqual(['TRAINING', 'CANCELING', 'CANCELED']);
});

/** An import that the stand-in never ends. */
async function addImport(): Promise<string> {
  const importId = randomUUID();
  const source = { kind: 'folder', path: '/endless' } as const;
  await rows.transaction(async (query) => {
    await query(`INSERT INTO model_imports (id, project_id, name, source, status) VALUES ($1, $2, $3, $4, 'QUEUED')`, [
      importId,
      rows.projectId,
      importId,
      JSON.stringify(source),
    ]);
    const payload = { kind: 'import', importId, source, licence: null, adapterBaseDigest: null } as const;
    await enqueueJob(query, { id: randomUUID(), projectId: rows.projectId, payload });
  });
  return importId;
}

/** Follows an import until its row fulfils `isIt`. */
async function untilImport(importId: string, isIt: (row: ModelImportRow) => boolean): Promise<void> {
  const read = async () => (await modelImportsByIds(rows.query, [importId]))[0] ?? null;
  for await (const row of events.transferChanges.follow(importId, read)) if (isIt(row)) return;
  throw new Error(`Import ${importId} ended before.`);
}

const hasMoved = ({ progress }: ModelImportRow) => (progress?.bytesDone ?? 0) > 10;

test('imports go on beside a training, tell how far they are, and stop when they are unwanted', async () => {
  await using _worker = await work();
  const runId = await addRun(endless);
  const [unwanted, other] = [await addImport(), await addImport()];
  await until(runId, recordsStep(5));
  await untilImport(unwanted, hasMoved);
  await untilImport(other, hasMoved);

  for (const id of [unwanted, other]) {
    await rows.transaction((query) => requestTransferCancel(query, 'import', id, []));
    await untilImport(id, ({ status }) => status === 'CANCELED');
  }
  await rows.transaction((query) => requestCancel(query, runId));
  await until(runId, reaches('CANCELED'));
});

test('a worker that is stopped gives its import back, and the next worker takes it', async () => {
  const first = await work();
  const importId = await addImport();
  await untilImport(importId, hasMoved);
  await first.stop();
  const [row] = await modelImportsByIds(rows.query, [importId]);
  expect(row).toMatchObject({ status: 'QUEUED' });

  await using _second = await work();
  await untilImport(importId, ({ status }) => status === 'RUNNING');
  await rows.transaction((query) => requestTransferCancel(query, 'import', importId, []));
  await untilImport(importId, ({ status }) => status === 'CANCELED');
});

test('a lease is kept while the thread of its job starts, however long that takes', async () => {
  const gate = join(home, 'the thread may start');
  const slowThread = `
    import { existsSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    while (!existsSync(${JSON.stringify(gate)})) await delay(5);
    await import(${JSON.stringify(standIn.href)});`;
  await using _worker = await work(new URL(`data:text/javascript,${encodeURIComponent(slowThread)}`));
  const importId = await addImport();
  await untilImport(importId, ({ status }) => status === 'RUNNING');
  const job = async () =>
    (
      await rows.query<{ attempt: number; leaseUntil: Date }>(
        'SELECT attempt, lease_until AS "leaseUntil" FROM jobs WHERE import_id = $1',
        [importId],
      )
    )[0];
  const claimed = await job();
  expect(claimed).toMatchObject({ attempt: 1 });
  // The worker holds what it has claimed: it has sent a heartbeat.
  await expect.poll(async () => (await job())!.leaseUntil > claimed!.leaseUntil).toBe(true);
  // The other lane of imports looks for jobs as a worker does that stood still: it leaves this one to its own lane.
  await rows.query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE import_id = $1`, [importId]);
  await addImport();
  const isExtended = async () =>
    (await rows.query('SELECT lease_until > now() AS "is" FROM jobs WHERE import_id = $1', [importId]))[0];
  await expect.poll(isExtended).toEqual({ is: true });
  await writeFile(gate, '');
  await untilImport(importId, hasMoved);
  expect(await job()).toMatchObject({ attempt: 1 });
  await rows.query(`UPDATE model_imports SET desired = 'CANCEL'`);
});

test("an import whose thread can't start is lost as with a worker, and the training beside it goes on", async () => {
  await using worker = await work(new URL('no-such-thread.mjs', standIn));
  const failed = vi.fn();
  worker.failed.catch(failed);
  const runId = await addRun(endless);
  await until(runId, recordsStep(5));
  const importId = await addImport();
  await untilImport(importId, ({ status }) => status === 'RUNNING');
  // Nobody extends its lease. Two attempts have gone the same way before.
  await rows.query(
    `UPDATE jobs SET fruitless_attempts = 2, lease_until = now() - interval '1 second' WHERE import_id = $1`,
    [importId],
  );
  await untilImport(importId, ({ status }) => status === 'FAILED');
  expect((await modelImportsByIds(rows.query, [importId]))[0]).toMatchObject({ problem: { code: 'WORKER_LOST' } });

  const written = (await lossPoints(rows.query, runId)).length;
  await until(runId, recordsStep(written + 5));
  await rows.transaction((query) => requestCancel(query, runId));
  await until(runId, reaches('CANCELED'));
  expect(failed).not.toHaveBeenCalled();
});

test('a paused run goes on from its checkpoint, and its series has every step', async () => {
  await using _worker = await work();
  const runId = await addRun(endless);
  await until(runId, recordsStep(25));
  await rows.transaction((query) => requestPause(query, runId));
  await until(runId, reaches('PAUSED'));
  const lastOfFirst = (await lossPoints(rows.query, runId)).length;
  await rows.transaction((query) => resumeRun(query, runId));
  await until(runId, recordsStep(lastOfFirst + 25));
  await rows.transaction((query) => requestCancel(query, runId));
  await until(runId, reaches('CANCELED'));

  const points = await lossPoints(rows.query, runId);
  expect(points).toEqual(upTo(points.length).map((step) => ({ attempt: step <= lastOfFirst ? 1 : 2, step })));
});

test('a worker that is stopped gives its run back with a checkpoint, and the next worker goes on', async () => {
  const first = await work();
  const runId = await addRun(endless);
  await until(runId, recordsStep(40));
  await first.stop();
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'queued', fruitlessAttempts: 0 });
  const lastOfFirst = (await lossPoints(rows.query, runId)).length;

  await using _second = await work();
  await until(runId, recordsStep(lastOfFirst + 25));
  await rows.transaction((query) => requestCancel(query, runId));
  await until(runId, reaches('CANCELED'));

  expect(await rows.query('SELECT outcome FROM run_attempts WHERE run_id = $1 ORDER BY attempt', [runId])).toEqual([
    { outcome: 'RELEASED' },
    { outcome: 'CANCELED' },
  ]);
  const points = await lossPoints(rows.query, runId);
  expect(points).toEqual(upTo(points.length).map((step) => ({ attempt: step <= lastOfFirst ? 1 : 2, step })));
});

test('connections that break again and again lose no metric and double none', async () => {
  await using _worker = await work();
  const runId = await addRun(600);
  const database = new URL(rows.database.url).pathname.slice(1);
  for (const step of [50, 150, 250, 350, 450]) {
    await until(runId, recordsStep(step));
    await rows.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = $1 AND application_name LIKE 'attune worker%'`,
      [database],
    );
  }
  await until(runId, reaches('SUCCEEDED'));

  expect(await lossPoints(rows.query, runId)).toEqual(upTo(600).map((step) => ({ attempt: 1, step })));
});

test('a worker whose lease was taken over stops the attempt and does other work', async () => {
  await using _worker = await work();
  const runId = await addRun(endless);
  await until(runId, recordsStep(5));
  const job = await jobOf(rows.query, runId);
  // The lane is busy with this very run, so the other worker is the one that claims it, as soon as no heartbeat comes
  // in between.
  const other = { workerId: await rows.addWorker(), lane: 'training', leaseSeconds: 3_600, engine } as const;
  let taken: Claim | null = null;
  while (taken === null) {
    await expireLease(rows.query, job!.id);
    taken = await claimJob(rows.pool, other);
  }
  expect(taken).toMatchObject({ job: { id: job!.id, attempt: 2 } });
  const written = (await lossPoints(rows.query, runId)).length;

  const next = await addRun(20);
  await until(next, reaches('SUCCEEDED'));

  expect(await lossPoints(rows.query, runId)).toHaveLength(written);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'claimed', attempt: 2 });
});

test('a thread that crashes fails its run, and the lane goes on with a new one', async () => {
  await using _worker = await work();
  const broken = await addRun(10, 'crash');
  const sound = await addRun(10);
  await until(broken, reaches('FAILED'));
  await until(sound, reaches('SUCCEEDED'));

  expect(await rows.query('SELECT problem FROM runs WHERE id = $1', [broken])).toMatchObject([
    { problem: { code: 'THREAD_CRASHED', message: expect.stringContaining('the thread is broken') } },
  ]);
});

test('a report the database refuses fails the run and says why', async () => {
  await using _worker = await work();
  const runId = await addRun(endless, 'repeat');
  await until(runId, reaches('FAILED'));

  expect(await lossPoints(rows.query, runId)).toEqual([]);
  expect(await rows.query('SELECT problem FROM runs WHERE id = $1', [runId])).toMatchObject([
    { problem: { code: 'INTERNAL', message: expect.stringMatching(/metric_points|metric_spans|recorded twice/) } },
  ]);
});

test.each([
  ['cancelled', requestCancel],
  ['paused', requestPause],
  ['resumed', resumeRun],
])('a run whose experiment was deleted meanwhile can not be %s, and that is no fault of the server', async (_, act) => {
  const gone = '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c99';
  await expect(rows.transaction((query) => act(query, gone))).rejects.toMatchObject({
    problems: [{ path: ['experimentId'], code: 'NOT_FOUND' }],
  });
});
