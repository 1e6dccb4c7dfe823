import type { DataSource } from 'typeorm';
import {
  type BatchPredictionService,
  createBatchPredictionService,
} from '../batch-predictions/batch-prediction.service.js';
import { createDatasetExportService, type DatasetExportService } from '../dataset-exports/dataset-export.service.js';
import {
  type AppendExamplesService,
  createAppendExamplesService,
} from '../datasets/appended/append-examples.service.js';
import type { DatasetCommands, ExampleReader } from '../datasets/dataset-commands.js';
import { createPreparationService, type PreparationService } from '../datasets/preparation/preparation.service.js';
import { createPreparations } from '../datasets/preparation/preparations.js';
import { createDatasetReportService, type DatasetReportService } from '../datasets/reports/dataset-report.service.js';
import { createUpdateDatasetService, type UpdateDatasetService } from '../datasets/update-dataset.service.js';
import { createDeleteProjectService, type DeleteProjectService } from '../deletion/delete-project.service.js';
import { createDeleteUserService, type DeleteUserService } from '../deletion/delete-user.service.js';
import { createDeletionService, type DeletionService } from '../deletion/deletion.service.js';
import { createEvaluatedExampleReader, type EvaluatedExampleReader } from '../evaluations/evaluated-examples.reads.js';
import { createEvaluationService, type EvaluationService } from '../evaluations/evaluation.service.js';
import { createPredictionService, type PredictionService } from '../evaluations/prediction.service.js';
import type { JobResults } from '../events/job-results.js';
import { createExperimentService, type ExperimentService } from '../experiments/experiment.service.js';
import { createOrganizingService, type OrganizingService } from '../experiments/organizing.service.js';
import { trainingPlanner } from '../experiments/plan-trainings.js';
import { type AddItemsService, createAddItemsService } from '../feedback/add-items.service.js';
import { type ClaimItemService, createClaimItemService } from '../feedback/claim-item.service.js';
import {
  createFeedbackDatasetService,
  type FeedbackDatasetService,
} from '../feedback/datasets/feedback-dataset.service.js';
import { createFeedbackExportService, type FeedbackExportService } from '../feedback/export/feedback-export.service.js';
import { createFeedbackTaskService, type FeedbackTaskService } from '../feedback/feedback-task.service.js';
import {
  createDeleteRecordedService,
  type DeleteRecordedService,
} from '../feedback/recorded/delete-recorded.service.js';
import {
  createRecordFeedbackService,
  type RecordFeedbackService,
} from '../feedback/recorded/record-feedback.service.js';
import {
  createRecordedDatasetService,
  type RecordedDatasetService,
} from '../feedback/recorded-datasets/recorded-dataset.service.js';
import { createRejudging, type Rejudging } from '../feedback/rejudging.js';
import { type AdjudicateService, createAdjudicateService } from '../feedback/results/adjudicate.service.js';
import { createEndByAgreement } from '../feedback/results/end-by-agreement.js';
import { createFeedbackResults, type FeedbackResults } from '../feedback/results/feedback-results.service.js';
import { createStatisticsThreads } from '../feedback/results/statistics-threads.js';
import { createSetAsideService, type SetAsideService } from '../feedback/set-aside.service.js';
import { createSubmitAnswerService, type SubmitAnswerService } from '../feedback/submit-answer.service.js';
import { createGenerationService, type GenerationService } from '../generations/generation.service.js';
import type { GenerationEvents } from '../generations/generation-events.js';
import type { Listeners } from '../generations/listeners.js';
import { createLoopService, type LoopService } from '../loops/loop.service.js';
import { createModelAliasService, type ModelAliasService } from '../models/aliases/model-alias.service.js';
import { type ChatSources, createChatSources } from '../models/chat-sources.js';
import { createModelLicenceService, type ModelLicenceService } from '../models/licences/model-licence.service.js';
import { createTokenizers, type Tokenizers } from '../models/tokenizers.js';
import { createUpdateModelService, type UpdateModelService } from '../models/update-model.service.js';
import { type ApiKeyService, createApiKeyService } from '../people/api-key.service.js';
import { createMemberService, type MemberService } from '../people/member.service.js';
import { createServiceAccountService, type ServiceAccountService } from '../people/service-account.service.js';
import { createSessionService, type SessionService } from '../people/session.service.js';
import { createUserService, type UserService } from '../people/user.service.js';
import { createKnownProjects, type KnownProjects } from '../projects/known-projects.js';
import { createLicencePolicyService, type LicencePolicyService } from '../projects/licences/licence-policy.service.js';
import { createProjectService, type ProjectService } from '../projects/project.service.js';
import { createQuotaService, type QuotaService } from '../projects/quota.service.js';
import type { Query } from '../protocol/sql/query.js';
import { createRecommendationService, type RecommendationService } from '../recommendations/recommendation.service.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import { createRewardSecretService, type RewardSecretService } from '../rewards/reward-secret.service.js';
import {
  createSampleDatasetService,
  type SampleDatasetService,
} from '../scored-samples/datasets/sample-dataset.service.js';
import { createScoredSamplesService, type ScoredSamplesService } from '../scored-samples/scored-samples.service.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { createInspectionService, type InspectionService } from '../transfers/inspection/inspection.service.js';
import { createModelExportService, type ModelExportService } from '../transfers/model-export.service.js';
import { createModelImportService, type ModelImportService } from '../transfers/model-import.service.js';
import type { SignedPaths } from '../transfers/signed-paths.js';
import type { WebhookService } from '../webhooks/webhook.service.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import type { ServerFeature, ServerLimitsType } from './server-info.type.js';

/** The services that resolvers are made with: everything they need beside the context of an operation. */
export interface Services {
  /** Reads that are cancelled when their operation ends. */
  readonly query: Query;
  readonly knownProjects: KnownProjects;
  readonly projects: ProjectService;
  readonly quotas: QuotaService;
  readonly licencePolicies: LicencePolicyService;
  readonly modelLicences: ModelLicenceService;
  readonly members: MemberService;
  readonly apiKeys: ApiKeyService;
  readonly sessions: SessionService;
  readonly users: UserService;
  readonly serviceAccounts: ServiceAccountService;
  readonly workers: WorkerReads;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
  readonly datasets: DatasetCommands;
  readonly updateDataset: UpdateDatasetService;
  readonly updateModel: UpdateModelService;
  readonly modelAliases: ModelAliasService;
  readonly deletions: DeletionService;
  readonly deleteProject: DeleteProjectService;
  readonly deleteUser: DeleteUserService;
  readonly examples: ExampleReader;
  readonly experiments: ExperimentService;
  readonly organizing: OrganizingService;
  readonly evaluations: EvaluationService;
  readonly evaluatedExamples: EvaluatedExampleReader;
  readonly predictions: PredictionService;
  readonly generations: GenerationService;
  readonly feedbackTasks: FeedbackTaskService;
  readonly rejudging: Rejudging;
  readonly feedbackDatasets: FeedbackDatasetService;
  readonly recordedDatasets: RecordedDatasetService;
  readonly feedbackExports: FeedbackExportService;
  readonly addingItems: AddItemsService;
  readonly claimingItems: ClaimItemService;
  readonly submittingAnswers: SubmitAnswerService;
  readonly settingAside: SetAsideService;
  readonly recordingFeedback: RecordFeedbackService;
  readonly deletingRecorded: DeleteRecordedService;
  readonly adjudicating: AdjudicateService;
  readonly feedbackResults: FeedbackResults;
  readonly scoredSamples: ScoredSamplesService;
  readonly sampleDatasets: SampleDatasetService;
  readonly rewardSecrets: RewardSecretService;
  readonly loops: LoopService;
  readonly preparing: PreparationService;
  readonly appending: AppendExamplesService;
  readonly datasetReports: DatasetReportService;
  readonly datasetExports: DatasetExportService;
  readonly recommendations: RecommendationService;
  readonly batchPredictions: BatchPredictionService;
  readonly inspections: InspectionService;
  readonly modelImports: ModelImportService;
  readonly modelExports: ModelExportService;
  readonly webhooks: WebhookService;
  readonly signedPaths: SignedPaths;
  readonly version: string;
  readonly features: readonly ServerFeature[];
  readonly limits: ServerLimitsType;
}

/** Makes the services that need only the database, artifacts and events, and adds the given ones. */
export function createServices(
  options: Pick<
    Services,
    'query' | 'workers' | 'datasets' | 'examples' | 'webhooks' | 'signedPaths' | 'version' | 'features' | 'limits'
  > & {
    readonly dataSource: DataSource;
    readonly store: ArtifactStore;
    readonly onSweepFailed: (error: unknown) => void;
    readonly onAgreementFailed: (error: unknown) => void;
    readonly jobResults: JobResults;
    readonly generationEvents: GenerationEvents;
    readonly generationListeners: Listeners;
    readonly predictionTimeoutMs: number;
    readonly rewardAccess: RewardAccess;
  },
): Services {
  const { dataSource, store, onSweepFailed, onAgreementFailed, jobResults, predictionTimeoutMs, ...rest } = options;
  const { generationEvents, generationListeners: listeners, rewardAccess, ...given } = rest;
  const { query, workers, examples } = given;
  const tokenizers = createTokenizers(store);
  const chatSources = createChatSources(store);
  const threads = createStatisticsThreads();
  const agreementEnds = createEndByAgreement({
    dataSource,
    query,
    threads: createStatisticsThreads(),
    onFailed: onAgreementFailed,
  });
  const rejudging = createRejudging({ dataSource, agreementEnds });
  const experiments = createExperimentService({
    dataSource,
    query,
    examples,
    tokenizers,
    chatSources,
    workers,
    rewardAccess,
  });
  const preparations = createPreparations({ dataSource, query, jobResults, workers, store });
  return {
    ...given,
    tokenizers,
    chatSources,
    knownProjects: createKnownProjects(query),
    projects: createProjectService({ dataSource, query }),
    quotas: createQuotaService({ dataSource }),
    licencePolicies: createLicencePolicyService({ dataSource }),
    modelLicences: createModelLicenceService({ dataSource }),
    members: createMemberService({ dataSource, query }),
    apiKeys: createApiKeyService({ dataSource, query, now: () => new Date() }),
    sessions: createSessionService({ dataSource }),
    users: createUserService({ dataSource, query }),
    serviceAccounts: createServiceAccountService({ dataSource, query }),
    updateDataset: createUpdateDatasetService({ dataSource }),
    updateModel: createUpdateModelService({ dataSource }),
    modelAliases: createModelAliasService({ dataSource }),
    deletions: createDeletionService({ dataSource, store, onSweepFailed }),
    deleteProject: createDeleteProjectService({ dataSource, store, onSweepFailed }),
    deleteUser: createDeleteUserService({ dataSource }),
    experiments,
    loops: createLoopService({ dataSource, query, examples, experiments }),
    organizing: createOrganizingService({ dataSource }),
    evaluations: createEvaluationService({ dataSource, query, examples }),
    evaluatedExamples: createEvaluatedExampleReader(examples),
    predictions: createPredictionService({ dataSource, query, jobResults, workers, timeoutMs: predictionTimeoutMs }),
    generations: createGenerationService({
      dataSource,
      query,
      workers,
      events: generationEvents,
      listeners,
      rewardAccess,
    }),
    feedbackTasks: createFeedbackTaskService({ dataSource, query, agreementEnds, rejudging }),
    rejudging,
    addingItems: createAddItemsService({ dataSource, query }),
    claimingItems: createClaimItemService({ dataSource, random: Math.random }),
    submittingAnswers: createSubmitAnswerService({ dataSource, ends: agreementEnds }),
    settingAside: createSetAsideService({ dataSource }),
    recordingFeedback: createRecordFeedbackService({ dataSource, query }),
    deletingRecorded: createDeleteRecordedService({ dataSource, query }),
    adjudicating: createAdjudicateService({ dataSource, ends: agreementEnds }),
    feedbackResults: createFeedbackResults({ dataSource, query, threads }),
    feedbackDatasets: createFeedbackDatasetService({ dataSource, query, store, preparations, threads }),
    recordedDatasets: createRecordedDatasetService({ dataSource, query, store, preparations }),
    feedbackExports: createFeedbackExportService({ dataSource, query, store }),
    scoredSamples: createScoredSamplesService({ dataSource, access: rewardAccess }),
    sampleDatasets: createSampleDatasetService({ dataSource, query, store, preparations }),
    rewardSecrets: createRewardSecretService({ dataSource, access: rewardAccess }),
    preparing: createPreparationService({
      dataSource,
      query,
      jobResults,
      workers,
      preparations,
      timeoutMs: predictionTimeoutMs,
    }),
    appending: createAppendExamplesService({ dataSource, query }),
    datasetReports: createDatasetReportService({ dataSource, query }),
    datasetExports: createDatasetExportService({ dataSource, query, examples }),
    recommendations: createRecommendationService({
      dataSource,
      query,
      planTrainings: trainingPlanner({ examples, tokenizers, chatSources, workers }),
    }),
    batchPredictions: createBatchPredictionService({ dataSource, query, datasets: given.datasets }),
    inspections: createInspectionService({ dataSource, query, jobResults, workers, timeoutMs: predictionTimeoutMs }),
    modelImports: createModelImportService({ dataSource, query }),
    modelExports: createModelExportService({ dataSource, query }),
  };
}
