import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepLogProbabilities } from '../../../gpu-worker/queue/keep-log-probabilities.js';
import type { NewLogProbabilities } from '../../../gpu-worker/thread-protocol.js';
import { claimTraining, loseAndClaim } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { artifactOf, createRunRows, digestOf, type RunRows } from '../../support/run-rows.js';
import { preferenceOptimizationSpec, supervisedSpec } from '../../support/specs.js';

const digests = { baseModelDigest: digestOf('model'), datasetDigest: digestOf('parquet') };
const spec = preferenceOptimizationSpec(digests);
const orpo = { kind: 'orpo', beta: 0.1, learnsPrompts: false } as const;

let rows: RunRows;
let files: ReturnType<typeof createDigestStore>;
beforeEach(async () => {
  rows = await createRunRows();
  files = createDigestStore();
});
afterEach(() => rows.close());

/** Log-probabilities whose file is named after `file`. */
function written(content: string, file = content, more: Partial<NewLogProbabilities> = {}): NewLogProbabilities {
  files.digests.add(digestOf(file));
  return {
    content,
    threads: 1,
    referenceDigest: digests.baseModelDigest,
    datasetDigest: digests.datasetDigest,
    artifact: artifactOf(file),
    ...more,
  };
}

async function claimNext(withSpec: Parameters<RunRows['addRun']>[1] = spec) {
  await rows.addRun(crypto.randomUUID(), withSpec);
  return claimTraining(rows);
}

const keep = (job: Parameters<typeof keepLogProbabilities>[2], kept: NewLogProbabilities) =>
  rows.transaction((query) => keepLogProbabilities(query, files.store, job, kept));
const noted = () => rows.query<{ digest: string }>('SELECT digest FROM artifact_removals ORDER BY digest');

test('what one job keeps is given to the next that has the same reference, and to no other', async () => {
  const claim = await claimNext();
  expect(claim.keptLogProbabilities).toEqual([]);
  await keep(claim.job, written('train'));
  await keep(claim.job, written('train of two threads', 'other', { content: 'train', threads: 2 }));
  expect((await claimNext()).keptLogProbabilities.map((each) => JSON.stringify(each)).sort()).toEqual(
    [
      { content: 'train', threads: 1, digest: digestOf('train') },
      { content: 'train', threads: 2, digest: digestOf('other') },
    ].map((each) => JSON.stringify(each)),
  );
  for (const other of [
    preferenceOptimizationSpec({ ...digests, objective: orpo }),
    preferenceOptimizationSpec({ ...digests, referenceDigest: digestOf('another model') }),
    supervisedSpec(digests),
  ]) {
    expect((await claimNext(other)).keptLogProbabilities).toEqual([]);
  }
});

test('a file that could not be read is replaced, and the former one goes', async () => {
  const { job } = await claimNext();
  await keep(job, written('train', 'damaged'));
  await keep(job, written('train', 'whole'));
  expect(await rows.query('SELECT content, digest FROM kept_log_probabilities')).toEqual([
    { content: 'train', digest: digestOf('whole') },
  ]);
  expect(await noted()).toEqual([{ digest: digestOf('damaged') }]);
  await keep(job, written('train', 'whole'));
  expect(await noted()).toHaveLength(1);
});

test.each([[['damaged']], [[]]])(
  'of two that keep the same content at once, the file of the first goes, after %o',
  async (before) => {
    const [{ job: one }, { job: other }] = [await claimNext(), await claimNext()];
    for (const file of before) await keep(one, written('train', file));
    let second: Promise<void> = Promise.resolve();
    await rows.transaction(async (query) => {
      await keepLogProbabilities(query, files.store, one, written('train', 'first'));
      second = keep(other, written('train', 'second'));
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await expect.poll(() => rows.query(waiting)).toHaveLength(1);
    });
    await second;
    expect(await rows.query('SELECT digest FROM kept_log_probabilities')).toEqual([{ digest: digestOf('second') }]);
    const gone = [...before, 'first'].map(digestOf).sort();
    expect((await noted()).map(({ digest }) => digest)).toEqual(gone);
  },
);

test('of one reference the newest stay', async () => {
  const { job } = await claimNext();
  await rows.query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'application/octet-stream')`,
    [digestOf('old')],
  );
  await rows.query(
    `INSERT INTO kept_log_probabilities
       (project_id, content, threads, reference_model_id, dataset_version_id, digest, created_at)
     SELECT $1, 'old ' || i, 1, $2, $3, $4, now() - make_interval(hours => 1) FROM generate_series(1, 64) AS i`,
    [rows.projectId, rows.baseModelId, rows.datasetVersionId, digestOf('old')],
  );
  await keep(job, written('new'));
  const [counted] = await rows.query<{ all: number; fresh: number }>(
    `SELECT count(*)::int AS all, count(*) FILTER (WHERE content = 'new')::int AS fresh FROM kept_log_probabilities`,
  );
  expect(counted).toEqual({ all: 64, fresh: 1 });
  expect(await noted()).toEqual([{ digest: digestOf('old') }]);
});

test('nothing is kept by an attempt that lost its job, of a model that is gone, or beyond the quota', async () => {
  const claim = await claimNext();
  const { job } = await loseAndClaim(rows, claim);
  await expect(keep(claim.job, written('train'))).rejects.toThrow('its reference or its dataset version is gone');
  const gone = written('train', 'train', { referenceDigest: digestOf('gone') });
  await expect(keep(job, gone)).rejects.toThrow('its reference or its dataset version is gone');
  await rows.query('UPDATE projects SET max_storage_bytes = 1 WHERE id = $1', [rows.projectId]);
  await expect(keep(job, written('train'))).rejects.toThrow('quota');
  expect(await rows.query('SELECT 1 FROM kept_log_probabilities')).toEqual([]);
});
