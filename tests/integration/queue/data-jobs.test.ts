import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { fail, stop } from '../../../gpu-worker/queue/settle.js';
import { requestTransferCancel } from '../../../src/jobs/cancel-transfer.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { JobPayload } from '../../../src/protocol/job.js';
import { PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';

/** Reports and recommendations that are canceled, and those whose worker is lost. */

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

type Kind = 'report' | 'recommendation';
const tables = { report: 'dataset_reports', recommendation: 'model_recommendations' } as const;

function payloadOf(kind: Kind, id: string): JobPayload {
  if (kind === 'recommendation') {
    const nothing = { candidates: [], excluded: [], budget: { memoryBytes: null, seconds: null } };
    const datasetDigest = digestOf('parquet');
    return { kind: 'recommend', recommendationId: id, datasetDigest, ...nothing, probedExamples: 300 };
  }
  return {
    kind: 'report',
    reportId: id,
    version: { digest: digestOf('parquet'), roles: [] },
    comparedWith: null,
    key: [],
    modelDigest: null,
    maxLength: null,
    featureModel: null,
    personalData: PersonalDataSearch.parse(usualScan),
    fewExamples: 10,
    readRows: 100,
    encodedRows: 100,
    mostNearRows: 100,
    seed: 0,
  };
}

async function add(kind: Kind): Promise<string> {
  const id = randomUUID();
  const payload = payloadOf(kind, id);
  await rows.transaction(async (query) => {
    await query(
      `INSERT INTO ${tables[kind]} (id, project_id, dataset_version_id, request, status)
       VALUES ($1, $2, $3, $4, 'QUEUED')`,
      [id, rows.projectId, rows.datasetVersionId, JSON.stringify(payload)],
    );
    await enqueueJob(query, { id, projectId: rows.projectId, payload });
  });
  return id;
}

const claimData = async (): Promise<Claim | null> =>
  claimJob(rows.pool, { workerId: await rows.addWorker(), lane: 'data', leaseSeconds: 30, engine });

async function claimNext(): Promise<Claim> {
  const claim = await claimData();
  if (claim === null) throw new Error('There is nothing to claim.');
  return claim;
}

async function stateOf(kind: Kind, id: string) {
  const [row] = await rows.query(
    `SELECT status, problem ->> 'code' AS problem, finished_at IS NOT NULL AS finished FROM ${tables[kind]} WHERE id = $1`,
    [id],
  );
  return row;
}

const cancel = (kind: Kind, id: string) =>
  rows.transaction((query) => requestTransferCancel(query, kind, id, [`${kind}Id`]));

describe.each(['report', 'recommendation'] as const)('a %s', (kind) => {
  test('that waits is canceled at once, and no worker gets it', async () => {
    const id = await add(kind);
    await cancel(kind, id);
    expect(await stateOf(kind, id)).toEqual({ status: 'CANCELED', problem: null, finished: true });
    expect(await claimData()).toBeNull();
    await cancel(kind, id);
    expect(await stateOf(kind, id)).toMatchObject({ status: 'CANCELED' });
  });

  test('at work is canceled when its worker hears of it', async () => {
    const id = await add(kind);
    const { job } = await claimNext();
    await cancel(kind, id);
    expect(await stateOf(kind, id)).toEqual({ status: 'RUNNING', problem: null, finished: false });
    expect(await heartbeat(rows.query, job, 30)).toBe('CANCEL');
    await rows.transaction((query) => stop(query, job));
    expect(await stateOf(kind, id)).toEqual({ status: 'CANCELED', problem: null, finished: true });
    expect(await claimData()).toBeNull();
  });

  test('whose worker is lost is done by the next one, and the lost one can settle nothing', async () => {
    const id = await add(kind);
    const lost = await claimNext();
    await expireLease(rows.query, id);
    const next = await claimNext();
    expect(next.job).toEqual({ ...lost.job, attempt: 2 });
    expect(await stateOf(kind, id)).toEqual({ status: 'RUNNING', problem: null, finished: false });
    const problem = { path: [], code: 'INTERNAL', message: 'too late', hint: null };
    await expect(rows.transaction((query) => fail(query, lost.job, problem))).rejects.toThrow(AttemptOver);
    await rows.transaction((query) => fail(query, next.job, { ...problem, code: 'MISSING_ARTIFACT' }));
    expect(await stateOf(kind, id)).toEqual({ status: 'FAILED', problem: 'MISSING_ARTIFACT', finished: true });
  });

  test('that three workers in a row were lost with fails', async () => {
    const id = await add(kind);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await claimNext()).job).toMatchObject({ id, attempt });
      await expireLease(rows.query, id);
    }
    expect(await claimData()).toBeNull();
    expect(await stateOf(kind, id)).toEqual({ status: 'FAILED', problem: 'WORKER_LOST', finished: true });
  });

  test('that was canceled before its worker was lost is CANCELED, not done anew', async () => {
    const id = await add(kind);
    await claimNext();
    await cancel(kind, id);
    await expireLease(rows.query, id);
    expect(await claimData()).toBeNull();
    expect(await stateOf(kind, id)).toEqual({ status: 'CANCELED', problem: null, finished: true });
  });
});
