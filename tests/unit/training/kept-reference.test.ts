import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oneSequenceARow } from '../../../gpu-worker/data/pack-sequences.js';
import type { KeptLogProbabilities, NewLogProbabilities } from '../../../gpu-worker/thread-protocol.js';
import { scoresByReference } from '../../../gpu-worker/training/preferences/kept-reference.js';
import type { PreferenceTexts } from '../../../gpu-worker/training/preferences/preference-texts.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';

let root: string;
let store: ArtifactStore;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-kept-reference-'));
  store = await openFileSystemStore({ root });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const rows = oneSequenceARow({
  ids: Int32Array.of(1, 2, 3, 1, 4),
  offsets: Int32Array.of(0, 3, 5),
  isTarget: Uint8Array.of(0, 1, 1, 0, 1),
});
const reference = { referenceDigest: 'r', datasetDigest: 'd', precision: 'float32' };
const computed = Float32Array.of(-1, -2, -3);

/** Scores the texts, with what is kept of them. */
async function scored(kept: readonly KeptLogProbabilities[], threads: number, anyThreads: boolean) {
  const lines: string[] = [];
  const keeps: NewLogProbabilities[] = [];
  const { scores, counts } = await scoresByReference(
    { engine: { choice: { target: 'cpu', reason: '', rejected: [], threads, version: '1' } }, store },
    { keptLogProbabilities: kept, keep: (one) => keeps.push(one), log: (_, line) => lines.push(line) },
    reference,
    [{ rows, mismatched: null } as PreferenceTexts],
    async (all) => all.map(() => computed),
    { anyThreads },
  );
  const next = keeps.map(({ content, threads: of, artifact }) => ({ content, threads: of, digest: artifact.digest }));
  return { texts: scores[0]!.texts, counts, lines, next };
}

test('what an engine of other threads kept is read where that is allowed, after what the same one kept', async () => {
  const [one] = (await scored([], 1, false)).next;
  expect((await scored([one!], 2, false)).counts).toEqual({ computed: 2, kept: 0 });
  const any = await scored([one!], 2, true);
  expect([any.texts, any.counts, any.lines]).toEqual([computed, { computed: 0, kept: 2 }, []]);
});

test('a file that is damaged is read once, and made again', async () => {
  const [one] = (await scored([], 1, false)).next;
  const { digest } = await store.write(Buffer.from('damaged'));
  const { texts, counts, lines, next } = await scored([{ ...one!, digest }], 1, true);
  expect([texts, counts]).toEqual([computed, { computed: 2, kept: 0 }]);
  expect(lines).toEqual([expect.stringContaining('can not be read')]);
  expect(next).toEqual([one]);
});
