import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { saveCheckpoint } from '../../../gpu-worker/queue/save-checkpoint.js';
import { fail, stop, succeed } from '../../../gpu-worker/queue/settle.js';
import { writeEvents, writeStatus } from '../../../gpu-worker/queue/write-run.js';
import { checkpointAt, claimTraining, loseAndClaim, lossAt, writeOf } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, producedModel, type RunRows } from '../../support/run-rows.js';
import { eventsOf, jobOf, lossPoints, statusOf } from '../../support/run-state.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows.close());

const problem = { path: [], code: 'TEST', message: 'late', hint: null };

test('whatever a superseded attempt still writes is refused and changes nothing', async () => {
  await rows.addRun();
  const old = await claimTraining(rows);
  const current = await loseAndClaim(rows, old);
  const { store } = createDigestStore([...checkpointAt(1).artifacts, ...producedModel.artifacts].map((a) => a.digest));
  const before = await eventsOf(rows.query, old.runId);

  const late = [
    () => rows.transaction((query) => writeEvents(query, writeOf(old, 1), [lossAt(1)])),
    () => rows.transaction((query) => writeStatus(query, writeOf(old, 1), 'TRAINING', null)),
    () => rows.transaction((query) => saveCheckpoint(query, store, writeOf(old, 1), checkpointAt(1))),
    () =>
      rows.transaction((query) =>
        succeed(query, store, old.job, {
          kind: 'finished',
          result: { kind: 'train', modelDigest: producedModel.digest },
          model: producedModel,
        }),
      ),
    () => rows.transaction((query) => fail(query, old.job, problem)),
    () => rows.transaction((query) => stop(query, old.job)),
    () => heartbeat(rows.query, old.job, 30),
  ];
  for (const write of late) await expect(write()).rejects.toThrow(AttemptOver);

  expect(await eventsOf(rows.query, old.runId)).toEqual(before);
  expect(await lossPoints(rows.query, old.runId)).toEqual([]);
  expect(await rows.query('SELECT 1 FROM checkpoints')).toEqual([]);
  expect(await jobOf(rows.query, old.runId)).toMatchObject({ state: 'claimed', attempt: current.job.attempt });
});

test('a write that waits for the claim of the next attempt is refused when the claim commits', async () => {
  await rows.addRun();
  const old = await claimTraining(rows);
  const client = await rows.pool.connect();
  // The claim as far as it matters here: the run's row is locked, its attempt is the next one, COMMIT is still to come.
  await client.query('BEGIN');
  await client.query('UPDATE runs SET attempt = attempt + 1, batch = 0 WHERE id = $1', [old.runId]);
  const late = rows.transaction((query) => writeEvents(query, writeOf(old, 1), [lossAt(1)]));
  const refused = expect(late).rejects.toThrow(AttemptOver);
  await waitForLock(rows);
  await client.query('COMMIT');
  client.release();
  await refused;

  expect(await lossPoints(rows.query, old.runId)).toEqual([]);
});

test('a batch that is written twice counts once', async () => {
  await rows.addRun();
  const claim = await claimTraining(rows);
  const write = (batch: number, step: number) =>
    rows.transaction((query) => writeEvents(query, writeOf(claim, batch), [lossAt(step)]));

  await write(1, 1);
  await write(1, 1);
  await write(2, 2);

  expect(await lossPoints(rows.query, claim.runId)).toEqual([
    { attempt: 1, step: 1 },
    { attempt: 1, step: 2 },
  ]);
  expect((await eventsOf(rows.query, claim.runId)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('a settlement that is repeated counts once', async () => {
  await rows.addRun();
  const claim = await claimTraining(rows);

  for (let time = 0; time < 2; time += 1) await rows.transaction((query) => fail(query, claim.job, problem));

  expect(await statusOf(rows.query, claim.runId)).toBe('FAILED');
  expect((await eventsOf(rows.query, claim.runId)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('after the end of a run nothing is appended, even by the attempt that ended it', async () => {
  await rows.addRun();
  const claim = await claimTraining(rows);
  await rows.transaction((query) => fail(query, claim.job, problem));

  await expect(rows.transaction((query) => writeEvents(query, writeOf(claim, 1), [lossAt(1)]))).rejects.toThrow(
    AttemptOver,
  );
});

test('while a run is being canceled, its status reports are ignored and its events are kept', async () => {
  await rows.addRun();
  const claim = await claimTraining(rows);
  await rows.query(`UPDATE runs SET status = 'CANCELING' WHERE id = $1`, [claim.runId]);

  expect(await rows.transaction((query) => writeStatus(query, writeOf(claim, 1), 'EVALUATING', null))).toBe('ignored');
  await rows.transaction((query) => writeEvents(query, writeOf(claim, 1), [lossAt(1)]));

  expect(await statusOf(rows.query, claim.runId)).toBe('CANCELING');
  expect(await lossPoints(rows.query, claim.runId)).toHaveLength(1);
});

/** Until some statement of this database waits for a lock. */
async function waitForLock({ query, database }: RunRows): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  const waiting = () =>
    query('SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = $2', [name, 'Lock']);
  while ((await waiting()).length === 0);
}
