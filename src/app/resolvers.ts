import { ProjectActivityResolver } from '../activity/project-activity.resolver.js';
import { projectEventResolvers } from '../activity/project-event.resolver.js';
import {
  BatchPredictionResolver,
  ModelBatchPredictionsResolver,
  ProjectBatchPredictionsResolver,
} from '../batch-predictions/batch-prediction.resolver.js';
import { DatasetExportResolver, VersionExportsResolver } from '../dataset-exports/dataset-export.resolver.js';
import {
  AppendExamplesResolver,
  AppendedExampleResolver,
  DatasetAppendedExamplesResolver,
} from '../datasets/appended/appended-examples.resolver.js';
import { ConversationsResolver } from '../datasets/conversations/conversations.resolver.js';
import { DatasetResolver } from '../datasets/dataset.resolver.js';
import { ColumnResolver, DatasetVersionResolver } from '../datasets/dataset-version.resolver.js';
import { PreparationResolver, ProjectPreparationsResolver } from '../datasets/preparation/preparation.resolver.js';
import { VersionPreparationResolver } from '../datasets/preparation/version-preparation.resolver.js';
import { ProjectDatasetsResolver } from '../datasets/project-datasets.resolver.js';
import { ProjectUploadsResolver } from '../datasets/project-uploads.resolver.js';
import { DatasetReportResolver, VersionReportsResolver } from '../datasets/reports/dataset-report.resolver.js';
import { UpdateDatasetResolver } from '../datasets/update-dataset.resolver.js';
import { DeletionResolver } from '../deletion/deletion.resolver.js';
import { dependentsResolvers } from '../deletion/dependents.resolver.js';
import { EvaluatedExamplesResolver } from '../evaluations/evaluated-examples.resolver.js';
import { EvaluationResolver, ModelLatestEvaluationResolver } from '../evaluations/evaluation.resolver.js';
import { ModelEvaluationsResolver } from '../evaluations/model-evaluations.resolver.js';
import {
  ClassificationPredictionResolver,
  MultiLabelPredictionResolver,
  PredictionModelResolver,
  PredictionResolver,
} from '../evaluations/prediction.resolver.js';
import { ProjectEvaluationsResolver } from '../evaluations/project-evaluations.resolver.js';
import { VersionEvaluationsResolver } from '../evaluations/version-evaluations.resolver.js';
import { ComparedEvaluationsResolver } from '../experiments/comparison/compared-evaluations.resolver.js';
import { ComparisonResolver } from '../experiments/comparison/comparison.resolver.js';
import { DiffConfigurationResolver, ExperimentDiffResolver } from '../experiments/comparison/diff.resolver.js';
import { CrossValidationResolver, ExperimentFoldsResolver } from '../experiments/cross-validation.resolver.js';
import { ExperimentResolver } from '../experiments/experiment.resolver.js';
import { ExperimentCommandsResolver } from '../experiments/experiment-commands.resolver.js';
import { ExperimentEventsResolver } from '../experiments/experiment-events.resolver.js';
import { ExperimentMetricsResolver, MetricValueResolver } from '../experiments/experiment-metrics.resolver.js';
import { InspectionMemoryResolver, ModelMemoryResolver } from '../experiments/memory/training-memory.resolver.js';
import { ControlTextsResolver } from '../experiments/methods/language-modelling/control.resolver.js';
import { ControlPreferencesResolver } from '../experiments/methods/policy-optimization/control-preferences.resolver.js';
import { PolicyReferenceResolver } from '../experiments/methods/policy-optimization/reference.resolver.js';
import { PreferenceReferenceResolver } from '../experiments/methods/preference-optimization/reference.resolver.js';
import { ModelExperimentsResolver } from '../experiments/model-experiments.resolver.js';
import { ExperimentTagsResolver, OrganizingResolver } from '../experiments/organizing.resolver.js';
import { ProjectExperimentsResolver } from '../experiments/project-experiments.resolver.js';
import { QueuePositionResolver, StatusCountsResolver } from '../experiments/status-counts.resolver.js';
import { VersionExperimentsResolver } from '../experiments/version-experiments.resolver.js';
import {
  FeedbackDatasetResolver,
  FeedbackPersonReadingResolver,
  FeedbackSourceResolver,
  FeedbackTaskReadingResolver,
  ModelFeedbackTasksResolver,
  VersionFeedbackSourceResolver,
  VersionFeedbackTasksResolver,
} from '../feedback/datasets/feedback-dataset.resolver.js';
import { ExportedFeedbackTaskResolver, FeedbackExportResolver } from '../feedback/export/feedback-export.resolver.js';
import { FeedbackActivityResolver, feedbackEventResolvers } from '../feedback/feedback-activity.resolver.js';
import { FeedbackAnswerResolver } from '../feedback/feedback-answer.resolver.js';
import { FeedbackClaimResolver } from '../feedback/feedback-claim.resolver.js';
import {
  FeedbackItemResolver,
  FeedbackModelJudgementResolver,
  JudgedAnswerResolver,
} from '../feedback/feedback-item.resolver.js';
import {
  FeedbackCountsResolver,
  FeedbackTaskResolver,
  ProjectFeedbackTasksResolver,
} from '../feedback/feedback-task.resolver.js';
import {
  DeleteRecordedFeedbackResolver,
  ModelRecordedFeedbackResolver,
  ProjectRecordedFeedbackResolver,
  RecordedFeedbackResolver,
} from '../feedback/recorded/recorded-feedback.resolver.js';
import {
  ModelRecordedVersionsResolver,
  RecordedDatasetResolver,
  RecordedModelResolver,
  RecordedSourceResolver,
} from '../feedback/recorded-datasets/recorded-dataset.resolver.js';
import {
  AdjudicateResolver,
  FeedbackAdjudicationResolver,
  FeedbackAnnotatorResolver,
  FeedbackCompetitorResolver,
  FeedbackDisputeResolver,
  FeedbackLikelyAnswerResolver,
  FeedbackResultsResolver,
} from '../feedback/results/feedback-results.resolver.js';
import {
  ItemPredictionResolver,
  ItemSourceResolver,
  PredictionOfItemResolver,
  RewardOfItemResolver,
  TaskItemSourceResolver,
} from '../feedback/sources/item-source.resolver.js';
import { GenerationResolver, ProjectGenerationsResolver } from '../generations/generation.resolver.js';
import { GenerationEventsResolver } from '../generations/generation-events.resolver.js';
import { GenerationSpeedResolver } from '../generations/generation-speed.resolver.js';
import { FeedbackLoopResolver, ProjectFeedbackLoopsResolver } from '../loops/loop.resolver.js';
import { FeedbackLoopActivityResolver } from '../loops/loop-activity.resolver.js';
import { FeedbackLoopRoundResolver, loopRoundResolvers } from '../loops/loop-round.resolver.js';
import {
  ModelAliasesResolver,
  ModelAliasMoveResolver,
  ModelAliasResolver,
  ProjectModelAliasesResolver,
} from '../models/aliases/model-alias.resolver.js';
import { ChatTemplateResolver } from '../models/chat-template.resolver.js';
import { ModelLicenceResolver } from '../models/licences/model-licence.resolver.js';
import { ProjectModelsResolver } from '../models/project-models.resolver.js';
import { TokenizationResolver, TokenizerResolver } from '../models/tokenizer.resolver.js';
import { UpdateModelResolver } from '../models/update-model.resolver.js';
import { ApiKeyResolver, ProjectApiKeysResolver, ViewerApiKeysResolver } from '../people/api-key.resolver.js';
import { AuditEntryResolver, ProjectAuditResolver } from '../people/audit.resolver.js';
import { MemberResolver, ProjectMembersResolver } from '../people/member.resolver.js';
import { ServiceAccountResolver } from '../people/service-account.resolver.js';
import { SessionResolver, ViewerSessionsResolver } from '../people/session.resolver.js';
import { UserResolver } from '../people/user.resolver.js';
import { ViewerResolver, ViewerUserResolver } from '../people/viewer.resolver.js';
import { ProjectLicencePolicyResolver } from '../projects/licences/licence-policy.resolver.js';
import { ProjectResolver } from '../projects/project.resolver.js';
import { ProjectCommandsResolver } from '../projects/project-commands.resolver.js';
import { ProjectQuotaResolver, ProjectUsageResolver } from '../projects/quota.resolver.js';
import {
  RecommendationResolver,
  RecommendedModelResolver,
  VersionRecommendationsResolver,
} from '../recommendations/recommendation.resolver.js';
import { RewardResolver } from '../rewards/reward.resolver.js';
import { ServiceRewardResolver } from '../rewards/service-reward.resolver.js';
import {
  SampleDatasetResolver,
  SamplesSourceResolver,
  VersionSamplesSourceResolver,
} from '../scored-samples/datasets/sample-dataset.resolver.js';
import {
  ModelScoredSamplesResolver,
  ProjectScoredSamplesResolver,
  ScoredSamplesResolver,
  VersionScoredSamplesResolver,
} from '../scored-samples/scored-samples.resolver.js';
import { ExportedFileResolver } from '../transfers/exported-file.resolver.js';
import { InspectionResolver, ModelFactsResolver } from '../transfers/inspection/inspection.resolver.js';
import { ModelExportResolver } from '../transfers/model-export.resolver.js';
import { ModelExportsResolver } from '../transfers/model-exports.resolver.js';
import { ModelImportResolver } from '../transfers/model-import.resolver.js';
import { ProjectTransfersResolver } from '../transfers/project-transfers.resolver.js';
import { ProjectWebhooksResolver, WebhookDeliveryResolver, WebhookResolver } from '../webhooks/webhook.resolver.js';
import { ProjectWorkersResolver } from '../workers/project-workers.resolver.js';
import { authorResolvers } from './author.resolver.js';
import { belongingResolvers } from './belonging.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { ServerInfoResolver } from './server-info.resolver.js';
import type { Services } from './services.js';

/** A resolver's class, and a function that makes its instance. */
interface ResolverEntry {
  readonly Resolver: new (...dependencies: never[]) => object;
  readonly make: (services: Services) => object;
}

/**
 * @param dependenciesOf the constructor's arguments; left out for a resolver that needs only the operation's context
 */
function resolver(Resolver: new () => object): ResolverEntry;
function resolver<Dependencies extends unknown[] | []>(
  Resolver: new (...dependencies: Dependencies) => object,
  dependenciesOf: (services: Services) => Dependencies,
): ResolverEntry;
function resolver(
  Resolver: new (...dependencies: unknown[]) => object,
  dependenciesOf: (services: Services) => readonly unknown[] = () => [],
): ResolverEntry {
  return { Resolver, make: (services) => new Resolver(...dependenciesOf(services)) };
}

/** Every resolver of the graph. A new one is added here, and nowhere else. */
export const resolvers: readonly ResolverEntry[] = [
  resolver(NodeResolver, ({ query }) => [query]),
  resolver(ProjectResolver, ({ query, knownProjects }) => [query, knownProjects]),
  resolver(ProjectCommandsResolver, ({ projects }) => [projects]),
  resolver(ProjectMembersResolver),
  resolver(ProjectApiKeysResolver),
  resolver(ProjectAuditResolver),
  resolver(ViewerResolver),
  resolver(ViewerUserResolver),
  resolver(ViewerApiKeysResolver),
  resolver(ViewerSessionsResolver),
  resolver(SessionResolver, ({ sessions }) => [sessions]),
  resolver(MemberResolver, ({ members }) => [members]),
  resolver(ApiKeyResolver, ({ apiKeys }) => [apiKeys]),
  resolver(AuditEntryResolver),
  resolver(UserResolver, ({ users }) => [users]),
  resolver(ServiceAccountResolver, ({ serviceAccounts }) => [serviceAccounts]),
  ...authorResolvers.map((Resolver) => resolver(Resolver)),
  ...belongingResolvers.map((Resolver) => resolver(Resolver)),
  resolver(ProjectQuotaResolver, ({ quotas }) => [quotas]),
  resolver(ProjectUsageResolver),
  resolver(ProjectLicencePolicyResolver, ({ licencePolicies }) => [licencePolicies]),
  resolver(ProjectWorkersResolver),
  resolver(ProjectDatasetsResolver, ({ query }) => [query]),
  resolver(ProjectUploadsResolver, ({ signedPaths, limits }) => [signedPaths, limits]),
  resolver(DatasetResolver, ({ query, datasets }) => [query, datasets]),
  resolver(UpdateDatasetResolver, ({ updateDataset }) => [updateDataset]),
  resolver(DatasetVersionResolver, ({ examples }) => [examples]),
  resolver(ConversationsResolver, ({ examples: reader, tokenizers, chatSources }) => [
    { reader, tokenizers, chatSources, now: () => new Date() },
  ]),
  resolver(ColumnResolver),
  resolver(ProjectModelsResolver, ({ query }) => [query]),
  resolver(UpdateModelResolver, ({ updateModel }) => [updateModel]),
  resolver(ModelLicenceResolver, ({ modelLicences }) => [modelLicences]),
  resolver(ProjectModelAliasesResolver),
  resolver(ModelAliasesResolver),
  resolver(ModelAliasResolver, ({ modelAliases }) => [modelAliases]),
  resolver(ModelAliasMoveResolver),
  resolver(TokenizerResolver, ({ tokenizers }) => [tokenizers]),
  resolver(ChatTemplateResolver, ({ chatSources }) => [chatSources]),
  resolver(TokenizationResolver, ({ tokenizers }) => [tokenizers]),
  resolver(ProjectExperimentsResolver),
  resolver(ModelExperimentsResolver),
  resolver(ModelMemoryResolver),
  resolver(InspectionMemoryResolver),
  resolver(VersionExperimentsResolver),
  resolver(ControlTextsResolver),
  resolver(ControlPreferencesResolver),
  resolver(PolicyReferenceResolver),
  resolver(PreferenceReferenceResolver),
  resolver(ExperimentResolver),
  resolver(ExperimentMetricsResolver),
  resolver(MetricValueResolver),
  resolver(ComparisonResolver),
  resolver(ComparedEvaluationsResolver),
  resolver(ExperimentDiffResolver),
  resolver(DiffConfigurationResolver),
  resolver(ExperimentCommandsResolver, ({ experiments }) => [experiments]),
  resolver(ExperimentFoldsResolver, ({ experiments }) => [experiments]),
  resolver(CrossValidationResolver),
  resolver(ExperimentEventsResolver),
  resolver(OrganizingResolver, ({ organizing }) => [organizing]),
  resolver(ExperimentTagsResolver),
  resolver(StatusCountsResolver),
  resolver(QueuePositionResolver),
  resolver(ProjectEvaluationsResolver),
  resolver(ModelEvaluationsResolver),
  resolver(VersionEvaluationsResolver),
  resolver(ModelLatestEvaluationResolver),
  resolver(EvaluationResolver, ({ evaluations }) => [evaluations]),
  resolver(EvaluatedExamplesResolver, ({ evaluatedExamples, examples }) => [evaluatedExamples, examples]),
  resolver(PredictionResolver, ({ predictions }) => [predictions]),
  resolver(PredictionModelResolver),
  resolver(ClassificationPredictionResolver),
  resolver(MultiLabelPredictionResolver),
  resolver(ProjectGenerationsResolver),
  resolver(GenerationResolver, ({ generations }) => [generations]),
  resolver(GenerationEventsResolver),
  resolver(GenerationSpeedResolver),
  resolver(ProjectFeedbackTasksResolver),
  resolver(FeedbackTaskResolver, ({ feedbackTasks, addingItems }) => [feedbackTasks, addingItems]),
  resolver(FeedbackDatasetResolver, ({ query, feedbackDatasets }) => [query, feedbackDatasets]),
  resolver(VersionFeedbackSourceResolver),
  resolver(FeedbackSourceResolver),
  resolver(FeedbackTaskReadingResolver),
  resolver(FeedbackPersonReadingResolver),
  resolver(VersionFeedbackTasksResolver),
  resolver(ModelFeedbackTasksResolver),
  resolver(FeedbackExportResolver, ({ feedbackExports }) => [feedbackExports]),
  resolver(ExportedFeedbackTaskResolver),
  resolver(FeedbackCountsResolver),
  resolver(FeedbackItemResolver),
  resolver(JudgedAnswerResolver),
  resolver(FeedbackModelJudgementResolver),
  resolver(FeedbackResultsResolver, ({ feedbackResults }) => [feedbackResults]),
  resolver(FeedbackAnnotatorResolver),
  resolver(FeedbackLikelyAnswerResolver),
  resolver(FeedbackDisputeResolver),
  resolver(FeedbackCompetitorResolver),
  resolver(FeedbackAdjudicationResolver),
  resolver(AdjudicateResolver, ({ adjudicating }) => [adjudicating]),
  resolver(FeedbackClaimResolver, ({ query, claimingItems, submittingAnswers, settingAside }) => [
    query,
    claimingItems,
    submittingAnswers,
    settingAside,
  ]),
  resolver(FeedbackAnswerResolver),
  resolver(FeedbackActivityResolver),
  resolver(RecordedFeedbackResolver, ({ recordingFeedback }) => [recordingFeedback]),
  resolver(DeleteRecordedFeedbackResolver, ({ deletingRecorded }) => [deletingRecorded]),
  resolver(ProjectRecordedFeedbackResolver),
  resolver(ModelRecordedFeedbackResolver),
  resolver(RecordedDatasetResolver, ({ query, recordedDatasets }) => [query, recordedDatasets]),
  resolver(RecordedSourceResolver),
  resolver(RecordedModelResolver),
  resolver(ModelRecordedVersionsResolver),
  resolver(TaskItemSourceResolver),
  resolver(ItemSourceResolver),
  resolver(ItemPredictionResolver),
  resolver(PredictionOfItemResolver),
  resolver(RewardOfItemResolver),
  ...feedbackEventResolvers.map((Resolver) => resolver(Resolver)),
  resolver(ProjectFeedbackLoopsResolver),
  resolver(FeedbackLoopResolver, ({ loops }) => [loops]),
  resolver(FeedbackLoopRoundResolver),
  resolver(FeedbackLoopActivityResolver),
  ...loopRoundResolvers.map((Resolver) => resolver(Resolver)),
  resolver(VersionReportsResolver),
  resolver(DatasetReportResolver, ({ datasetReports }) => [datasetReports]),
  resolver(AppendExamplesResolver, ({ appending }) => [appending]),
  resolver(DatasetAppendedExamplesResolver),
  resolver(AppendedExampleResolver),
  resolver(VersionExportsResolver),
  resolver(DatasetExportResolver, ({ datasetExports, signedPaths }) => [datasetExports, signedPaths]),
  resolver(VersionRecommendationsResolver),
  resolver(RecommendationResolver, ({ recommendations }) => [recommendations]),
  resolver(RecommendedModelResolver),
  resolver(ProjectPreparationsResolver),
  resolver(VersionPreparationResolver),
  resolver(PreparationResolver, ({ preparing }) => [preparing]),
  resolver(ProjectBatchPredictionsResolver),
  resolver(ModelBatchPredictionsResolver),
  resolver(BatchPredictionResolver, ({ batchPredictions }) => [batchPredictions]),
  resolver(ProjectTransfersResolver),
  resolver(ModelExportsResolver),
  resolver(InspectionResolver, ({ inspections }) => [inspections]),
  resolver(ModelFactsResolver),
  resolver(ModelImportResolver, ({ modelImports }) => [modelImports]),
  resolver(ModelExportResolver, ({ modelExports, signedPaths }) => [modelExports, signedPaths]),
  resolver(ExportedFileResolver, ({ signedPaths }) => [signedPaths]),
  resolver(DeletionResolver, ({ deletions, deleteProject, deleteUser }) => [deletions, deleteProject, deleteUser]),
  ...dependentsResolvers.map((Resolver) => resolver(Resolver)),
  resolver(ProjectActivityResolver),
  ...projectEventResolvers.map((Resolver) => resolver(Resolver)),
  resolver(ProjectWebhooksResolver),
  resolver(ScoredSamplesResolver, ({ scoredSamples }) => [scoredSamples]),
  resolver(ProjectScoredSamplesResolver),
  resolver(ModelScoredSamplesResolver),
  resolver(VersionScoredSamplesResolver),
  resolver(SampleDatasetResolver, ({ sampleDatasets }) => [sampleDatasets]),
  resolver(VersionSamplesSourceResolver),
  resolver(SamplesSourceResolver),
  resolver(RewardResolver, ({ rewardSecrets }) => [rewardSecrets]),
  resolver(ServiceRewardResolver, () => []),
  resolver(WebhookResolver, ({ webhooks }) => [webhooks]),
  resolver(WebhookDeliveryResolver),
  resolver(ServerInfoResolver, ({ workers, version, features, limits }) => [workers, version, features, limits]),
];
