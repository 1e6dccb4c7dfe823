import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { noteSpeed, registerWorker } from '../../../gpu-worker/queue/workers.js';
import { findBasis } from '../../../src/experiments/estimate-basis.js';
import { createWorkerReads } from '../../../src/workers/worker.reads.js';
import { createRunRows, engine, type RunRows } from '../../support/run-rows.js';

async function started({ query }: RunRows, host: string, threads: number): Promise<string> {
  const id = randomUUID();
  await registerWorker(query, { id, host, processId: 1, engine: { ...engine, threads }, memoryBytes: 2 ** 30 });
  return id;
}

async function speedOf({ query }: RunRows, id: string) {
  const [row] = await createWorkerReads(query, 30).byIds([id]);
  return row?.trainingSpeed;
}

test('a worker takes over the speed that one with the same engine measured on its host, for a week', async () => {
  await using rows = await createRunRows();
  const { query } = rows;
  const first = await started(rows, 'one', 2);
  expect(await speedOf(rows, first)).toBeNull();
  await noteSpeed(query, first, { engine: 3, script: 1.5 });
  expect(await speedOf(rows, first)).toMatchObject({ engine: 3, script: 1.5 });

  expect(await speedOf(rows, await started(rows, 'one', 2))).toMatchObject({ engine: 3, script: 1.5 });
  expect(await speedOf(rows, await started(rows, 'one', 4))).toBeNull();
  expect(await speedOf(rows, await started(rows, 'two', 2))).toBeNull();

  const longAgo = `jsonb_build_object('measuredAt', now() - interval '8 days')`;
  await query(`UPDATE workers SET training_speed = training_speed || ${longAgo} WHERE training_speed IS NOT NULL`);
  expect(await speedOf(rows, await started(rows, 'one', 2))).toBeNull();
});

test('of two measurements the faster counts: what else a machine does makes one slower', async () => {
  await using rows = await createRunRows();
  await noteSpeed(rows.query, await started(rows, 'one', 2), { engine: 2, script: 1 });
  const busy = await started(rows, 'one', 2);
  await noteSpeed(rows.query, busy, { engine: 0.5, script: 0.3 });
  expect(await speedOf(rows, busy)).toMatchObject({ engine: 2, script: 1 });
  const quiet = await started(rows, 'one', 2);
  await noteSpeed(rows.query, quiet, { engine: 2.5, script: 1.2 });
  expect(await speedOf(rows, quiet)).toMatchObject({ engine: 2.5, script: 1.2 });
});

test('a plan is made with the slowest worker that is online; a speed that was not measured is guessed', async () => {
  await using rows = await createRunRows();
  const workers = createWorkerReads(rows.query, 30);
  await rows.query('UPDATE workers SET stopped_at = now()');
  expect(await findBasis(workers)).toMatchObject({ worker: null, isMeasured: false });

  const fast = await started(rows, 'fast', 8);
  await noteSpeed(rows.query, fast, { engine: 9, script: 2 });
  expect(await findBasis(workers)).toMatchObject({ worker: { id: fast }, isMeasured: true, speed: { engine: 9 } });

  // Two threads are guessed to be 1.85 as fast as one.
  const unmeasured = await started(rows, 'other', 2);
  expect(await findBasis(workers)).toMatchObject({
    worker: { id: unmeasured },
    isMeasured: false,
    speed: { engine: 1.85, script: 1 },
  });

  const slow = await started(rows, 'slow', 1);
  await noteSpeed(rows.query, slow, { engine: 0.7, script: 0.9 });
  expect(await findBasis(workers)).toMatchObject({ worker: { id: slow }, isMeasured: true });
});
