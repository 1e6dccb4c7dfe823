import type { LoaderGroup, Loaders } from '../access/context.js';
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

/** The loaders of all slices, for one operation. */
export function createLoaders(query: Query, workerReads: Pick<WorkerReads, 'byIds' | 'recent' | 'online'>): Loaders {
  return {
    projectOf: projectOfLoaders(query),
    projectOfDeleted: projectOfDeletedLoader(query),
    slugOfProject: slugOfProjectLoader(query),
    projectBySlug: createProjectBySlugLoader(query),
    projects: createProjectLoader(query),
    quotas: createQuotaLoaders(query),
    licencePolicies: createLicencePolicyLoader(query),
    people: createPeopleLoaders(query),
    workers: createWorkerLoader(workerReads),
    recentWorkers: createRecentWorkersLoader(workerReads),
    onlineWorkers: createOnlineWorkersLoader(workerReads),
    datasets: createDatasetLoaders(query),
    baseModels: createBaseModelLoaders(query),
    modelAliases: createModelAliasLoaders(query),
    experiments: createExperimentLoaders(query),
    evaluations: createEvaluationLoaders(query),
    generations: createGenerationLoaders(query),
    feedback: createFeedbackLoaders(query),
    loops: createLoopLoaders(query),
    recordedFeedback: createRecordedFeedbackLoaders(query),
    itemSources: createItemSourceLoaders(query),
    batchPredictions: createBatchPredictionLoaders(query),
    scoredSamples: createScoredSamplesLoaders(query),
    preparations: createPreparationLoaders(query),
    datasetReports: createDatasetReportLoaders(query),
    datasetExports: createDatasetExportLoaders(query),
    recommendations: createRecommendationLoaders(query),
    transfers: createTransferLoaders(query),
    dependents: createDependentLoaders(query),
    projectEvents: createProjectEventLoaders(query),
    webhooks: createWebhookLoaders(query),
  } satisfies Loaders & Readonly<Record<string, LoaderGroup>>;
}
