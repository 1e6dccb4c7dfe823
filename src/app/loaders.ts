import type { Loaders } from '../access/context.js';
import { projectOfDeletedLoader, projectOfLoaders, slugOfProjectLoader } from '../access/project-of.js';
import { createProjectEventLoaders } from '../activity/project-event.loaders.js';
import { createBatchPredictionLoaders } from '../batch-predictions/batch-prediction.loaders.js';
import { createDatasetExportLoaders } from '../dataset-exports/dataset-export.loaders.js';
import { createDatasetLoaders } from '../datasets/dataset.loaders.js';
import { createPreparationLoaders } from '../datasets/preparation/preparation.loaders.js';
import { createDatasetReportLoaders } from '../datasets/reports/dataset-report.loaders.js';
import { createDependentLoaders } from '../deletion/dependents.loaders.js';
import { createEvaluationLoaders } from '../evaluations/evaluation.loaders.js';
import { createExperimentLoaders } from '../experiments/experiment.loaders.js';
import { createFeedbackLoaders } from '../feedback/feedback.loaders.js';
import { createRecordedFeedbackLoaders } from '../feedback/recorded/recorded-feedback.loaders.js';
import { createItemSourceLoaders } from '../feedback/sources/item-source.loaders.js';
import { createGenerationLoaders } from '../generations/generation.loaders.js';
import { createLoopLoaders } from '../loops/loop.loaders.js';
import { createModelAliasLoaders } from '../models/aliases/model-alias.loaders.js';
import { createBaseModelLoaders } from '../models/base-model.loaders.js';
import { createPeopleLoaders } from '../people/people.loaders.js';
import { createLicencePolicyLoader } from '../projects/licences/licence-policy.loaders.js';
import { createProjectBySlugLoader, createProjectLoader } from '../projects/project.loaders.js';
import { createQuotaLoaders } from '../projects/quota.loaders.js';
import type { Query } from '../protocol/sql/query.js';
import { createRecommendationLoaders } from '../recommendations/recommendation.loaders.js';
import { createScoredSamplesLoaders } from '../scored-samples/scored-samples.loaders.js';
import { createTransferLoaders } from '../transfers/transfer.loaders.js';
import { createWebhookLoaders } from '../webhooks/webhook.loaders.js';
import { createOnlineWorkersLoader, createRecentWorkersLoader, createWorkerLoader } from '../workers/worker.loaders.js';
import type { WorkerReads } from '../workers/worker.reads.js';

type WorkersRead = Pick<WorkerReads, 'byIds' | 'recent' | 'online'>;

/** The loaders of all slices. */
const groups = {
  projectOf: projectOfLoaders,
  projectOfDeleted: projectOfDeletedLoader,
  slugOfProject: slugOfProjectLoader,
  projectBySlug: createProjectBySlugLoader,
  projects: createProjectLoader,
  quotas: createQuotaLoaders,
  licencePolicies: createLicencePolicyLoader,
  people: createPeopleLoaders,
  workers: (_query: Query, workerReads: WorkersRead) => createWorkerLoader(workerReads),
  recentWorkers: (_query: Query, workerReads: WorkersRead) => createRecentWorkersLoader(workerReads),
  onlineWorkers: (_query: Query, workerReads: WorkersRead) => createOnlineWorkersLoader(workerReads),
  datasets: createDatasetLoaders,
  baseModels: createBaseModelLoaders,
  modelAliases: createModelAliasLoaders,
  experiments: createExperimentLoaders,
  evaluations: createEvaluationLoaders,
  generations: createGenerationLoaders,
  feedback: createFeedbackLoaders,
  loops: createLoopLoaders,
  recordedFeedback: createRecordedFeedbackLoaders,
  itemSources: createItemSourceLoaders,
  batchPredictions: createBatchPredictionLoaders,
  scoredSamples: createScoredSamplesLoaders,
  preparations: createPreparationLoaders,
  datasetReports: createDatasetReportLoaders,
  datasetExports: createDatasetExportLoaders,
  recommendations: createRecommendationLoaders,
  transfers: createTransferLoaders,
  dependents: createDependentLoaders,
  projectEvents: createProjectEventLoaders,
  webhooks: createWebhookLoaders,
} satisfies {
  readonly [Name in keyof Loaders]: (query: Query, workerReads: WorkersRead) => Loaders[Name];
};

/**
 * The loaders for one operation. A group is made when it is first used, and is a property of its own from then on: an
 * operation uses a few of them, and all would be some 150 objects.
 */
class OperationLoaders {
  readonly #query: Query;
  readonly #workerReads: WorkersRead;

  constructor(query: Query, workerReads: WorkersRead) {
    this.#query = query;
    this.#workerReads = workerReads;
  }

  static {
    for (const [name, make] of Object.entries(groups)) {
      Object.defineProperty(OperationLoaders.prototype, name, {
        get(this: OperationLoaders) {
          const group: object = make(this.#query, this.#workerReads);
          Object.defineProperty(this, name, { value: group, enumerable: true });
          return group;
        },
      });
    }
  }
}

export function createLoaders(query: Query, workerReads: WorkersRead): Loaders {
  return new OperationLoaders(query, workerReads) as unknown as Loaders;
}
