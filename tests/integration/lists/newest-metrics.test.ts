import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../../src/database/transaction.js';
import { appendRunEvents } from '../../../src/protocol/sql/append-events.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { beginAttempt, createTestExperiment, enter, metrics, record } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const newest = async (runId: string): Promise<unknown> =>
  api.dataSource.query('SELECT key, attempt, step, value FROM run_metrics WHERE run_id = $1 ORDER BY key', [runId]);

test('of each metric the newest value is kept: of the highest attempt, the highest step', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'newest' });
  await beginAttempt(api.dataSource, runId, 1);
  await record(api.dataSource, runId, [metrics(2, { loss: 2, f1: 0.2 }), metrics(1, { loss: 1 })]);
  expect(await newest(runId)).toEqual([
    { key: 'f1', attempt: 1, step: 2, value: 0.2 },
    { key: 'loss', attempt: 1, step: 2, value: 2 },
  ]);
  // A step that comes late changes nothing; a later attempt begins at an earlier step, and counts.
  await record(api.dataSource, runId, [metrics(0, { loss: 9 })]);
  expect(await newest(runId)).toMatchObject([{ step: 2 }, { step: 2, value: 2 }]);
  await beginAttempt(api.dataSource, runId, 2);
  await record(api.dataSource, runId, [metrics(1, { loss: Number.NaN })]);
  const expected = [
    { key: 'f1', attempt: 1, step: 2, value: 0.2 },
    { key: 'loss', attempt: 2, step: 1, value: Number.NaN },
  ];
  expect(await newest(runId)).toEqual(expected);
  const { experiment } = await api.request<{ experiment: unknown }>(
    'query ($id: ID!) { experiment(id: $id) { summary { definition { key } attempt step value nonFinite } } }',
    { id },
  );
  expect(experiment).toEqual({
    summary: [
      { definition: { key: 'f1' }, attempt: 1, step: 2, value: 0.2, nonFinite: null },
      { definition: { key: 'loss' }, attempt: 2, step: 1, value: null, nonFinite: 'NAN' },
    ],
  });
});

test('a write of an attempt that is over, or one repeated, changes nothing', async () => {
  const { runId } = await createTestExperiment(api, { name: 'fenced' });
  await beginAttempt(api.dataSource, runId, 2);
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const write = (attempt: number, batch: number, value: number) =>
    inTransaction(api.dataSource, ({ query }) =>
      appendRunEvents(query, runId, [metrics(batch, { loss: value })], { attempt, batch }),
    );
  expect(await write(2, 1, 1)).not.toBeNull();
  expect(await write(2, 1, 5)).toBeNull();
  expect(await write(1, 2, 7)).toBeNull();
  expect(await newest(runId)).toEqual([{ key: 'loss', attempt: 2, step: 1, value: 1 }]);
});
