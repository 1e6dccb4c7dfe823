import type { JobPayload } from '../../src/protocol/job.js';
import { storageBeyondQuota } from '../../src/protocol/sql/project-quota.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { noteRemovals } from '../../src/storage/artifact-removals.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { keepArtifacts } from '../../src/storage/keep-artifacts.js';
import type { KeptLogProbabilities, NewLogProbabilities } from '../thread-protocol.js';
import type { HeldJob } from './job-row.js';

/** Of one reference; beyond it the oldest go. A training has one of each split, of KTO two. */
const mostOfReference = 64;

/** Their model, dataset version or room is gone. */
class NotKept extends Error {}

/** What earlier jobs of the project kept of a job's reference, the newest first. */
export async function keptLogProbabilitiesFor(
  query: Query,
  projectId: string,
  payload: JobPayload,
): Promise<readonly KeptLogProbabilities[]> {
  const referenceDigest = referenceOf(payload);
  if (referenceDigest === null) return [];
  return query<KeptLogProbabilities>(
    `SELECT k.content, k.threads, k.digest
       FROM kept_log_probabilities k JOIN base_models m ON m.id = k.reference_model_id
      WHERE k.project_id = $1 AND m.digest = $2
      ORDER BY k.created_at DESC, k.id`,
    [projectId, referenceDigest],
  );
}

/** The model that a job compares the answers of a dataset version with; null: there is none. */
function referenceOf(payload: JobPayload): string | null {
  switch (payload.kind) {
    case 'train':
      return payload.spec.method === 'preferenceOptimization' ? payload.spec.referenceDigest : null;
    case 'evaluate':
      return payload.preferenceReading?.referenceDigest ?? null;
    default:
      return null;
  }
}

/**
 * Keeps log-probabilities as long as their model and their dataset version are there. Those that were kept of the same
 * content before are replaced: their file could not be read.
 *
 * @throws NotKept where the model or the version is gone, or the project's storage is used up; ArtifactMissing
 */
export async function keepLogProbabilities(
  query: Query,
  store: ArtifactStore,
  job: HeldJob,
  { content, threads, referenceDigest, datasetDigest, artifact }: NewLogProbabilities,
): Promise<void> {
  await keepArtifacts(query, store, [artifact]);
  // Of two at once the second sees what the first has kept, also where nothing was kept before.
  await query(
    `SELECT pg_advisory_xact_lock(hashtextextended('log-probabilities ' || project_id || ' ' || $2, 0))
       FROM jobs WHERE id = $1`,
    [job.id, content],
  );
  const [former] = await query<{ digest: string }>(
    `SELECT k.digest FROM kept_log_probabilities k JOIN jobs j ON j.project_id = k.project_id
      WHERE j.id = $1 AND k.content = $2 AND k.threads = $3`,
    [job.id, content, threads],
  );
  // The foreign keys lock model and version: a deletion that is under way is waited for.
  const [kept] = await query<{ projectId: string; modelId: string }>(
    `INSERT INTO kept_log_probabilities (project_id, content, threads, reference_model_id, dataset_version_id, digest)
     SELECT j.project_id, $3, $4, m.id, v.id, $7
       FROM jobs j
       JOIN LATERAL (SELECT id FROM base_models WHERE project_id = j.project_id AND digest = $5
                      ORDER BY created_at, id LIMIT 1) AS m ON true
       JOIN LATERAL (SELECT dv.id FROM dataset_versions dv JOIN datasets d ON d.id = dv.dataset_id
                      WHERE d.project_id = j.project_id AND dv.digest = $6
                      ORDER BY dv.created_at, dv.id LIMIT 1) AS v ON true
      WHERE j.id = $1 AND j.attempt = $2 AND j.state = 'claimed'
     ON CONFLICT (project_id, content, threads) DO UPDATE
       SET digest = excluded.digest, reference_model_id = excluded.reference_model_id,
           dataset_version_id = excluded.dataset_version_id, created_at = now()
     RETURNING project_id AS "projectId", reference_model_id AS "modelId"`,
    [job.id, job.attempt, content, threads, referenceDigest, datasetDigest, artifact.digest],
  );
  if (kept === undefined) throw new NotKept('The job, its reference or its dataset version is gone.');
  if (former !== undefined && former.digest !== artifact.digest) await noteRemovals(query, [former.digest]);
  const oldest = await query<{ digest: string }>(
    `DELETE FROM kept_log_probabilities
      WHERE id IN (SELECT id FROM kept_log_probabilities WHERE reference_model_id = $1
                    ORDER BY created_at DESC, id OFFSET $2)
     RETURNING digest`,
    [kept.modelId, mostOfReference],
  );
  await noteRemovals(
    query,
    oldest.map(({ digest }) => digest),
  );
  if ((await storageBeyondQuota(query, kept.projectId)) !== null) throw new NotKept('The storage quota is used up.');
}
