import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { keepArtifacts } from '../../src/storage/keep-artifacts.js';
import type { NewCheckpoint } from '../thread-protocol.js';
import { type RunWrite, writeEvents } from './write-run.js';

/**
 * Records a checkpoint and its event. The events before it are already committed, so a run that resumes from here has
 * all its metrics. The job has made progress, so attempts that were lost before no longer count.
 * @throws AttemptOver, ArtifactMissing
 */
export async function saveCheckpoint(
  query: Query,
  store: ArtifactStore,
  write: RunWrite,
  checkpoint: NewCheckpoint,
): Promise<void> {
  const { id, step, best, digest, sizeBytes, artifacts } = checkpoint;
  await query('UPDATE jobs SET fruitless_attempts = 0 WHERE id = $1 AND attempt = $2', [
    write.jobId,
    write.writer.attempt,
  ]);
  await keepArtifacts(query, store, artifacts);
  await writeEvents(query, write, [{ kind: 'checkpointSaved', checkpointId: id, step, digest, sizeBytes, best }]);
  await query(
    `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (id) DO NOTHING -- a repeat`,
    [
      id,
      write.runId,
      write.writer.attempt,
      step,
      digest,
      artifacts.map((artifact) => artifact.digest),
      sizeBytes,
      best,
    ],
  );
}
