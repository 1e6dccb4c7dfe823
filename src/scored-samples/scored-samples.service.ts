import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { requireVersion } from '../datasets/require-version.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import { modelsOfRewards } from '../protocol/rewards/reward-spec.js';
import type { ScoreSamplesJob } from '../protocol/samples/score-samples-job.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import { planSamples } from './plan-samples.js';
import type { ScoreSamplesInput } from './scored-samples.input.js';

/** Scored samples, as the graph's mutations use them. Throws ProblemsError for mistakes that the client can correct. */
export interface ScoredSamplesService {
  /** Checks the input and queues the job. Returns the id of the batch. */
  scoreSamples(input: ScoreSamplesInput): Promise<string>;
  cancel(id: string): Promise<void>;
}

export function createScoredSamplesService(options: {
  readonly dataSource: DataSource;
  readonly access: RewardAccess;
}): ScoredSamplesService {
  const { dataSource, access } = options;
  const { query } = access;
  return {
    async scoreSamples(input) {
      const model = await requireNamedModel(query, input);
      const { projectId } = model;
      // The project is filled in where an alias was not asked for: it is no part of what the client said.
      const { idempotencyKey, projectSlug: _, ...asked } = input;
      const request = { projectId, operation: 'scoreSamples', key: idempotencyKey ?? null, input: asked };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const version = await requireVersion(query, input.datasetVersionId, projectId, ['datasetVersionId']);
      const [project] = await query<{ slug: string }>('SELECT slug FROM projects WHERE id = $1', [projectId]);
      const subject = { project: { id: projectId, slug: project?.slug ?? '' }, model, version };
      const planned = await planSamples(access, subject, input);
      return inTransaction(dataSource, async (transaction) => {
        const id = randomUUID();
        const claimed = await claimKey(transaction.query, request, id);
        if (claimed !== id) return claimed;
        const payload: ScoreSamplesJob = { ...planned, samplesId: id };
        await transaction.query(
          `INSERT INTO scored_samples (id, project_id, base_model_id, dataset_version_id, request, status, created_by)
           VALUES ($1, $2, $3, $4, $5, 'QUEUED', $6)`,
          [id, projectId, model.id, version.id, JSON.stringify(payload), actorId()],
        );
        const scoring = modelsOfRewards([...planned.rewards, ...(planned.gold ?? [])]);
        await transaction.query(
          'INSERT INTO scored_samples_models (samples_id, base_model_id) SELECT $1, unnest($2::uuid[])',
          [id, scoring.map((each) => each.id)],
        );
        await enqueueJob(transaction.query, { id: randomUUID(), projectId, payload });
        return id;
      });
    },

    cancel: (id) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'scoreSamples', id, ['samplesId']),
      ),
  };
}
