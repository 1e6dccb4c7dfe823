import { expect, test } from 'vitest';
import { pruneCheckpoints } from '../../../gpu-worker/queue/prune-checkpoints.js';
import { saveCheckpoint } from '../../../gpu-worker/queue/save-checkpoint.js';
import type { NewCheckpoint } from '../../../gpu-worker/thread-protocol.js';
import { ArtifactMissing } from '../../../src/storage/keep-artifacts.js';
import { checkpointAt, claimTraining, writeOf } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, digestOf, type RunRows } from '../../support/run-rows.js';

const tensors = (content: string): string => digestOf(`${content} tensors`);
const manifestOf = (content: string): string => digestOf(`${content} manifest`);

async function save(rows: RunRows, checkpoints: readonly NewCheckpoint[]) {
  const claim = await claimTraining(rows);
  const memory = createDigestStore(checkpoints.flatMap(({ artifacts }) => artifacts.map(({ digest }) => digest)));
  for (const [index, checkpoint] of checkpoints.entries()) {
    await rows.transaction((query) => saveCheckpoint(query, memory.store, writeOf(claim, index + 1), checkpoint));
  }
  return {
    claim,
    ...memory,
    prune: () => rows.transaction((query) => pruneCheckpoints(query, memory.store, claim.runId)),
  };
}

test('the two newest checkpoints and the newest best one stay; files of the others go, their manifests stay', async () => {
  await using rows = await createRunRows();
  await rows.addRun();
  const saved = await save(rows, [
    checkpointAt(1, 'first', true),
    checkpointAt(2, 'second', true),
    checkpointAt(3, 'third'),
    checkpointAt(4, 'fourth'),
    checkpointAt(5, 'fifth'),
  ]);

  expect(await saved.prune()).toBe(2);

  expect(await rows.query('SELECT step FROM checkpoints WHERE pruned_at IS NULL ORDER BY step')).toEqual([
    { step: 2 },
    { step: 4 },
    { step: 5 },
  ]);
  expect(saved.digests.has(tensors('first'))).toBe(false);
  expect(saved.digests.has(tensors('third'))).toBe(false);
  expect(saved.digests.has(manifestOf('first'))).toBe(true);
  for (const kept of ['second', 'fourth', 'fifth']) expect(saved.digests.has(tensors(kept))).toBe(true);
  expect(await rows.query('SELECT 1 FROM artifacts WHERE digest = $1', [tensors('first')])).toEqual([]);
  expect(await saved.prune()).toBe(0);
});

test("a file that another run's checkpoint still names stays", async () => {
  await using rows = await createRunRows();
  await rows.addRun('a');
  await rows.addRun('b');
  await save(rows, [checkpointAt(1, 'shared')]);
  const saved = await save(rows, [checkpointAt(1, 'shared'), checkpointAt(2), checkpointAt(3)]);

  expect(await saved.prune()).toBe(0);

  expect(saved.digests.has(tensors('shared'))).toBe(true);
});

test('a file that a registered model names stays', async () => {
  await using rows = await createRunRows();
  await rows.addRun();
  const saved = await save(rows, [checkpointAt(1, 'weights of the model'), checkpointAt(2), checkpointAt(3)]);
  await rows.query(`UPDATE base_models SET manifest = jsonb_set(manifest, '{weights,digest}', to_jsonb($1::text))`, [
    tensors('weights of the model'),
  ]);

  expect(await saved.prune()).toBe(0);

  expect(saved.digests.has(tensors('weights of the model'))).toBe(true);
});

test('a checkpoint whose file was pruned away by another run in the meantime is refused, not recorded', async () => {
  await using rows = await createRunRows();
  await rows.addRun('a');
  await rows.addRun('b');
  const pruning = await save(rows, [checkpointAt(1, 'shared'), checkpointAt(2), checkpointAt(3)]);
  const other = await claimTraining(rows);
  let remove: () => void = () => undefined;
  const removing = new Promise<void>((resolve) => {
    remove = resolve;
  });
  let reached: () => void = () => undefined;
  const reachedRemoval = new Promise<void>((resolve) => {
    reached = resolve;
  });
  // Pruning stands still between the deletion of the row and that of the file.
  const slowStore = {
    ...pruning.store,
    async remove(digest: string) {
      reached();
      await removing;
      await pruning.store.remove(digest);
    },
  };
  const pruned = rows.transaction((query) => pruneCheckpoints(query, slowStore, pruning.claim.runId));
  await reachedRemoval;
  const saved = rows.transaction((query) =>
    saveCheckpoint(query, pruning.store, writeOf(other, 1), checkpointAt(1, 'shared')),
  );
  const refused = expect(saved).rejects.toThrow(ArtifactMissing);
  remove();

  expect(await pruned).toBe(1);
  await refused;
  expect(await rows.query('SELECT 1 FROM checkpoints WHERE run_id = $1', [other.runId])).toEqual([]);
});
