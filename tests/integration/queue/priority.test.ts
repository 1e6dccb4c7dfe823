import { expect, test } from 'vitest';
import { stop } from '../../../gpu-worker/queue/settle.js';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { createOrganizingService } from '../../../src/experiments/organizing.service.js';
import { requestPause, resumeRun } from '../../../src/experiments/run-control.js';
import { claimTraining, loseAndClaim } from '../../support/claimed-run.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';

/** Runs in the order that workers get them. */
async function claimAll(rows: RunRows, count: number): Promise<string[]> {
  const order: string[] = [];
  for (let i = 0; i < count; i += 1) order.push((await claimTraining(rows)).runId);
  return order;
}

async function withPriorities(
  rows: RunRows,
  work: (set: (runId: string, priority: number) => Promise<void>) => Promise<void>,
) {
  const dataSource = await createDataSource({ url: rows.database.url, entities }).initialize();
  const organizing = createOrganizingService({ dataSource });
  await work(async (runId, priority) => {
    const [run] = await rows.query<{ experimentId: string }>(
      'SELECT experiment_id AS "experimentId" FROM runs WHERE id = $1',
      [runId],
    );
    await organizing.setPriority(run!.experimentId, priority);
  });
  await dataSource.destroy();
}

test('the highest priority is claimed first, then the oldest; a change counts at once', async () => {
  await using rows = await createRunRows();
  const [first, second, third, fourth] = [
    await rows.addRun(),
    await rows.addRun(),
    await rows.addRun(),
    await rows.addRun(),
  ];
  await withPriorities(rows, async (set) => {
    await set(third!, 5);
    await set(fourth!, 5);
    await set(first!, -1);
  });
  expect(await claimAll(rows, 4)).toEqual([third, fourth, second, first]);
});

test('a run keeps its priority when it is paused and resumed, given back, or lost; a running one gets it when it waits again', async () => {
  await using rows = await createRunRows();
  const [low, paused, running] = [await rows.addRun(), await rows.addRun(), await rows.addRun()];
  await withPriorities(rows, async (set) => {
    await set(paused, 1);
    await rows.transaction((query) => requestPause(query, paused));
    await set(running, 50);
    const claim = await claimTraining(rows);
    expect(claim.runId).toBe(running);

    // While it runs, and while it is paused.
    await set(running, 3);
    await set(paused, 2);
    await rows.transaction((query) => resumeRun(query, paused));
    await rows.transaction((query) => stop(query, claim.job));
    const again = await claimTraining(rows);
    expect(again.runId).toBe(running);
    expect((await loseAndClaim(rows, again)).runId).toBe(running);
    expect(await claimAll(rows, 2)).toEqual([paused, low]);
  });
});
