import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { pruneEndedRuns } from '../../../src/experiments/prune-ended.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { digest, insertArtifact } from '../../support/rows.js';
import { createTestExperiment, enter } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

/** A run with checkpoints at steps 1 to 4, the second the best; each with a manifest and a file of its own. */
async function runWithCheckpoints(name: string): Promise<string> {
  const { runId } = await createTestExperiment(api, { name });
  for (const step of [1, 2, 3, 4]) {
    await api.store.write(Buffer.from(`${name} weights ${step}`));
    const [manifest, weights] = [
      await insertArtifact(api.dataSource, `${name} manifest ${step}`),
      await insertArtifact(api.dataSource, `${name} weights ${step}`),
    ];
    await api.dataSource.query(
      `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best)
       VALUES ($1, $2, 1, $3, $4, $5, 2, $6)`,
      [randomUUID(), runId, step, manifest, [manifest, weights], step <= 2],
    );
  }
  return runId;
}

async function kept(runId: string): Promise<readonly number[]> {
  const rows: { step: number }[] = await api.dataSource.query(
    'SELECT step FROM checkpoints WHERE run_id = $1 AND pruned_at IS NULL ORDER BY step',
    [runId],
  );
  return rows.map(({ step }) => step);
}

const files = async (name: string): Promise<readonly boolean[]> =>
  Promise.all([1, 2, 3, 4].map((step) => api.store.has(digest(`${name} weights ${step}`))));

test('of a run that has ended the last checkpoint and the best stay for a time, then none; one that runs keeps all', async () => {
  const [running, ended] = [await runWithCheckpoints('running'), await runWithCheckpoints('ended')];
  await enter(api.dataSource, running, 'PREPARING', 'TRAINING');
  await enter(api.dataSource, ended, 'PREPARING', 'TRAINING', 'FAILED');

  expect(await pruneEndedRuns(api.dataSource, 14)).toBe(2);
  expect(await kept(ended)).toEqual([2, 4]);
  expect(await kept(running)).toEqual([1, 2, 3, 4]);
  expect(await sweepFiles(api.dataSource, api.store)).toBe(2);
  expect(await files('ended')).toEqual([false, true, false, true]);

  await api.dataSource.query(`UPDATE runs SET finished_at = now() - interval '13 days' WHERE id = $1`, [ended]);
  expect(await pruneEndedRuns(api.dataSource, 14)).toBe(0);
  await api.dataSource.query(`UPDATE runs SET finished_at = now() - interval '15 days' WHERE id = $1`, [ended]);
  expect(await pruneEndedRuns(api.dataSource, 14)).toBe(2);
  expect(await kept(ended)).toEqual([]);
  expect(await sweepFiles(api.dataSource, api.store)).toBe(2);
  expect(await files('ended')).toEqual([false, false, false, false]);
  expect(await files('running')).toEqual([true, true, true, true]);
  expect(await pruneEndedRuns(api.dataSource, 14)).toBe(0);
});

test('with no days, nothing is kept after the end', async () => {
  const ended = await runWithCheckpoints('short-lived');
  await enter(api.dataSource, ended, 'PREPARING', 'TRAINING', 'FAILED');
  expect(await pruneEndedRuns(api.dataSource, 0)).toBe(4);
  expect(await kept(ended)).toEqual([]);
});

test('more than one transaction takes are all retired', async () => {
  const ended = await runWithCheckpoints('long');
  await api.dataSource.query(
    `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best)
     SELECT gen_random_uuid(), run_id, 1, 10 + n, digest, artifact_digests, 2, false
       FROM checkpoints, generate_series(1, 250) AS n WHERE run_id = $1 AND step = 1`,
    [ended],
  );
  await enter(api.dataSource, ended, 'PREPARING', 'TRAINING', 'FAILED');
  expect(await pruneEndedRuns(api.dataSource, 14)).toBe(252);
  expect(await kept(ended)).toEqual([2, 260]);
});
