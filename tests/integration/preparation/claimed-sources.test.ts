import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { createPool, inTransaction, queryOf } from '../../../gpu-worker/queue/connection.js';
import { fail } from '../../../gpu-worker/queue/settle.js';
import { registerWorker } from '../../../gpu-worker/queue/workers.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { engine } from '../../support/run-rows.js';

/** What a preparation that has not ended claims: its upload, and the name of the dataset that it makes. */

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom({ works: false });
});
afterAll(() => room?.[Symbol.asyncDispose]());

interface Answer {
  readonly id?: string;
  readonly problems?: readonly { path: string[]; code: string; message: string }[];
}

async function queue(input: object): Promise<Answer> {
  const { prepareDataset } = await room.api.request<{ prepareDataset: Answer }>(
    /* GraphQL */ `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) {
      ... on Preparation { id } ... on Problems { problems { path code message } } } }`,
    { input },
  );
  return prepareDataset;
}

async function cancel(preparationId: string | undefined): Promise<void> {
  const { cancelPreparation } = await room.api.request<{ cancelPreparation: { status?: string } }>(
    /* GraphQL */ `mutation ($input: PreparationActionInput!) { cancelPreparation(input: $input) {
      ... on Preparation { status } } }`,
    { input: { preparationId } },
  );
  expect(cancelPreparation.status).toBe('CANCELED');
}

/** Lets a worker claim what waits, the oldest first, until it gets the newest, and fails that. */
async function failNext(): Promise<void> {
  const pool = createPool(room.api.databaseUrl, () => undefined);
  try {
    const id = randomUUID();
    await registerWorker(queryOf(pool), { id, host: 'test', processId: 1, engine, memoryBytes: 2 ** 33 });
    let last: Claim | null = null;
    for (;;) {
      const claim = await claimJob(pool, { workerId: id, lane: 'data', leaseSeconds: 30, engine });
      if (claim === null) break;
      last = claim;
    }
    const problem = { path: ['recipe'], code: 'NO_ROWS_LEFT', message: 'No row is left.', hint: null };
    await inTransaction(pool, (query) => fail(query, last!.job, problem, [problem]));
  } finally {
    await pool.end();
  }
}

const upload = async () => [{ upload: { uploadId: await room.upload('text,label\na,x\n') } }];
const queued = { id: expect.any(String) };
const nameClaimed = (name: string) => ({
  problems: [
    { path: ['name'], code: 'ALREADY_EXISTS', message: `A dataset “${name}” exists already, or is being prepared.` },
  ],
});
const uploadClaimed = {
  problems: [
    {
      path: ['sources', '0', 'upload', 'uploadId'],
      code: 'UPLOAD_NOT_READY',
      message: 'Another preparation reads the upload.',
    },
  ],
};

describe('a preparation that waits', () => {
  test('claims the name of its dataset until it ends', async () => {
    const first = await queue({ name: 'claimed', sources: await upload() });
    expect(first).toEqual(queued);
    expect(await queue({ name: ' claimed ', sources: await upload() })).toEqual(nameClaimed('claimed'));
    await cancel(first.id);
    expect(await queue({ name: 'claimed', sources: await upload() })).toEqual(queued);
  });

  test('claims its upload until it ends', async () => {
    const sources = await upload();
    const first = await queue({ name: 'reads it', sources });
    expect(await queue({ name: 'reads it too', sources })).toEqual(uploadClaimed);
    const { createDataset } = await room.api.request<{ createDataset: Answer }>(
      /* GraphQL */ `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
        ... on Problems { problems { path code message } } } }`,
      { input: { name: 'created of it', uploadId: sources[0]!.upload.uploadId } },
    );
    expect(createDataset.problems).toEqual([{ ...uploadClaimed.problems[0], path: ['uploadId'] }]);
    await cancel(first.id);
    expect(await queue({ name: 'reads it too', sources })).toEqual(queued);
  });

  test('claims nothing any more when it has failed', async () => {
    const sources = await upload();
    const input = { name: 'fails', sources };
    const first = await queue(input);
    expect(await queue(input)).toMatchObject({ problems: [{ code: expect.any(String) }] });
    await failNext();
    const { node } = await room.api.request<{ node: object }>(
      'query ($id: ID!) { node(id: $id) { ... on Preparation { status problems { code } } } }',
      { id: first.id },
    );
    expect(node).toEqual({ status: 'FAILED', problems: [{ code: 'NO_ROWS_LEFT' }] });
    expect(await queue(input)).toEqual(queued);
  });

  test('is what a repeated call returns', async () => {
    const input = { name: 'repeated', sources: await upload(), idempotencyKey: 'repeated' };
    const answers = await Promise.all([queue(input), queue(input), queue(input)]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers[0]).toEqual(queued);
    expect(await queue(input)).toEqual(answers[0]);
  });
});

describe('of preparations at once', () => {
  test('one gets the name', async () => {
    const all = await Promise.all([upload(), upload(), upload(), upload()]);
    const answers = await Promise.all(all.map((sources) => queue({ name: 'raced', sources })));
    expect(answers.filter(({ id }) => id !== undefined)).toHaveLength(1);
    expect(answers.filter(({ id }) => id === undefined)).toEqual([1, 2, 3].map(() => nameClaimed('raced')));
  });

  test('one gets the upload', async () => {
    const sources = await upload();
    const answers = await Promise.all(['r1', 'r2', 'r3', 'r4'].map((name) => queue({ name, sources })));
    expect(answers.filter(({ id }) => id !== undefined)).toHaveLength(1);
    expect(answers.filter(({ id }) => id === undefined)).toEqual([1, 2, 3].map(() => uploadClaimed));
  });
});
