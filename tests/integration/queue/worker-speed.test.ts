import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { lacksSpeed, noteSpeed, registerWorker } from '../../../gpu-worker/queue/workers.js';
import { findBasis } from '../../../src/experiments/estimate-basis.js';
import { createWorkerReads } from '../../../src/workers/worker.reads.js';
import { createRunRows, engine, type RunRows } from '../../support/run-rows.js';

async function started({ query }: RunRows, host: string, threads: number): Promise<string> {
  const id = randomUUID();
  await registerWorker(query, { id, host, processId: 1, engine: { ...engine, threads }, memoryBytes: 2 ** 30 });
  return id;
}

test('a worker takes over the speed that one with the same engine measured on its host, for a week', async () => {
  await using rows = await createRunRows();
  const { query } = rows;
  const first = await started(rows, 'one', 2);
  expect(await lacksSpeed(query, first)).toBe(true);
  await noteSpeed(query, first, { engine: 3, script: 1.5 });
  expect(await lacksSpeed(query, first)).toBe(false);

  const [same, otherThreads, otherHost] = [
    await started(rows, 'one', 2),
    await started(rows, 'one', 4),
    await started(rows, 'two', 2),
  ];
  expect(await lacksSpeed(query, same)).toBe(false);
  expect(await lacksSpeed(query, otherThreads)).toBe(true);
  expect(await lacksSpeed(query, otherHost)).toBe(true);
  const [row] = await createWorkerReads(query, 30).byIds([same]);
  expect(row?.trainingSpeed).toMatchObject({ engine: 3, script: 1.5 });

  const longAgo = `jsonb_build_object('measuredAt', now() - interval '8 days')`;
  await query(`UPDATE workers SET training_speed = training_speed || ${longAgo} WHERE training_speed IS NOT NULL`);
  expect(await lacksSpeed(query, await started(rows, 'one', 2))).toBe(true);
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
