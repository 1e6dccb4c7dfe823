import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryOf } from '../../../gpu-worker/queue/connection.js';
import { writeEvents } from '../../../gpu-worker/queue/write-run.js';
import type { MetricsRecorded } from '../../../src/protocol/run-event.js';
import { claimTraining, writeOf } from '../../support/claimed-run.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';
import { eventsOf } from '../../support/run-state.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

const at = (step: number, values: Readonly<Record<string, number>>): MetricsRecorded => ({
  kind: 'metricsRecorded',
  step,
  epoch: step / 10,
  samples: Object.entries(values).map(([key, value]) =>
    Number.isNaN(value) ? { key, value: null, nonFinite: 'NAN' } : { key, value },
  ),
});
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    at(from + i, { loss: from + i === 66 ? Number.NaN : 1 / (from + i) }),
  );

async function claimed() {
  await rows.addRun();
  const claim = await claimTraining(rows);
  let batch = 0;
  const write = (events: readonly MetricsRecorded[]) => {
    batch += 1;
    return writeEvents(rows.query, writeOf(claim, batch), events, false);
  };
  const of = (table: string, columns: string) =>
    rows.query<Record<string, unknown>>(`SELECT ${columns} FROM ${table} WHERE run_id = $1 ORDER BY 1, 2`, [
      claim.runId,
    ]);
  return { runId: claim.runId, write, of };
}

test('many points of a metric are kept in blocks of 64 steps, few as rows; each point is there once', async () => {
  const { runId, write, of } = await claimed();
  await write([...steps(62, 130).slice(0, -1), at(130, { loss: 1, f1: 0.5 })]);
  await write(steps(131, 133));

  expect(await of('metric_blocks', 'key, first_step, cardinality(steps) AS steps')).toEqual([
    { key: 'loss', first_step: 64, steps: 64 },
  ]);
  expect(await of('metric_points', 'key, step')).toEqual([
    { key: 'f1', step: 130 },
    ...[62, 63, 128, 129, 130, 131, 132, 133].map((step) => ({ key: 'loss', step })),
  ]);
  const points = await of('recorded_points', 'key, step, epoch, value');
  expect(points).toEqual([
    { key: 'f1', step: 130, epoch: 13, value: 0.5 },
    ...Array.from({ length: 72 }, (_, i) => 62 + i).map((step) => ({
      key: 'loss',
      step,
      epoch: step / 10,
      value: step === 66 ? Number.NaN : step === 130 ? 1 : 1 / step,
    })),
  ]);
  // What one write brought was recorded at one time, as its events say.
  const times = await rows.query<{ at: Date }>(
    `SELECT DISTINCT at FROM recorded_points WHERE run_id = $1
     EXCEPT SELECT at FROM run_events WHERE run_id = $1 AND kind = 'metricsRecorded'`,
    [runId],
  );
  expect(times).toEqual([]);
});

test.each([
  ['a row again', [at(3, { loss: 9 })]],
  ['a row again, in a block', steps(1, 60)],
  ['a point of a block again', [at(70, { loss: 9 })]],
  ['a point of a block again, in another block', steps(90, 100)],
  ['a point twice at once', [at(121, { loss: 1 }), at(121, { loss: 1 })]],
])('an attempt that records %s is refused, and nothing of the write stays', async (_, events) => {
  const { runId, write, of } = await claimed();
  await write([at(3, { loss: 1 })]);
  await write(steps(64, 110));
  const before = await of('recorded_points', 'key, step, epoch, value');
  const logged = await eventsOf(rows.query, runId);

  await expect(write([at(200, { loss: 1 }), ...events])).rejects.toThrow(/metric_points|metric_spans|recorded twice/);

  expect(await of('recorded_points', 'key, step, epoch, value')).toEqual(before);
  expect(await eventsOf(rows.query, runId)).toEqual(logged);
});

test('a statement that a worker repeats is parsed once on each connection', async () => {
  const { runId } = await claimed();
  await using client = Object.assign(new pg.Client({ connectionString: rows.database.url }), {
    [Symbol.asyncDispose]: () => client.end(),
  });
  await client.connect();
  const query = queryOf(client);
  for (let batch = 1; batch <= 3; batch += 1) {
    const write = { jobId: runId, runId, writer: { attempt: 1, batch } };
    await writeEvents(query, write, [at(batch, { loss: batch })]);
  }
  const prepared = await query<{ name: string; uses: string }>(
    'SELECT name, generic_plans + custom_plans AS uses FROM pg_prepared_statements',
  );
  expect(prepared).toEqual([{ name: 'append run events with metrics', uses: '3' }]);
});
