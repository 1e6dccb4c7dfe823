import { Projects1764000000000 } from './1764000000000-projects.js';
import { Datasets1764000001000 } from './1764000001000-datasets.js';
import { BaseModels1764000002000 } from './1764000002000-base-models.js';
import { Experiments1764000003000 } from './1764000003000-experiments.js';
import { Evaluations1764000004000 } from './1764000004000-evaluations.js';
import { Jobs1764000005000 } from './1764000005000-jobs.js';
import { Transfers1764000006000 } from './1764000006000-transfers.js';
import { EncodersAndAdapters1764000007000 } from './1764000007000-encoders-and-adapters.js';
import { Access1764000008000 } from './1764000008000-access.js';
import { OrganizingExperiments1764000009000 } from './1764000009000-organizing-experiments.js';
import { ListIndexes1764000010000 } from './1764000010000-list-indexes.js';
import { Quotas1764000011000 } from './1764000011000-quotas.js';
import { MetricSpans1764000012000 } from './1764000012000-metric-spans.js';
import { ProjectEvents1764000013000 } from './1764000013000-project-events.js';
import { Webhooks1764000013001 } from './1764000013001-webhooks.js';
import { SignIn1764000014000 } from './1764000014000-sign-in.js';
import { RateLimits1764000015000 } from './1764000015000-rate-limits.js';
import { UploadSecrets1764000016000 } from './1764000016000-upload-secrets.js';
import { ArtifactsOfModels1764000017000 } from './1764000017000-artifacts-of-models.js';
import { FileOptions1764000018000 } from './1764000018000-file-options.js';
import { Heads1764000019000 } from './1764000019000-heads.js';
import { LeftOutColumns1764000022000 } from './1764000022000-left-out-columns.js';
import { IdsOfMembers1764000024000 } from './1764000024000-ids-of-members.js';
import { FileNotices1764000025000 } from './1764000025000-file-notices.js';
import { AuditTargets1764000026000 } from './1764000026000-audit-targets.js';
import { NarrowedWebhooks1764000026001 } from './1764000026001-narrowed-webhooks.js';
import { ServiceAccounts1764000026002 } from './1764000026002-service-accounts.js';
import { TagsAndNotes1764000030000 } from './1764000030000-tags-and-notes.js';
import { ModelAliases1764000031000 } from './1764000031000-model-aliases.js';
import { EvaluationChanges1764000035000 } from './1764000035000-evaluation-changes.js';
import { EvaluationProgress1764000036000 } from './1764000036000-evaluation-progress.js';
import { Deletion1764000040000 } from './1764000040000-deletion.js';
import { DeletedUsers1764000041000 } from './1764000041000-deleted-users.js';
import { JobsWithoutDelay1764000042000 } from './1764000042000-jobs-without-delay.js';
import { ScoredExamples1764000043000 } from './1764000043000-scored-examples.js';
import { PendingUploads1764000044000 } from './1764000044000-pending-uploads.js';
import { BatchPredictions1764000045000 } from './1764000045000-batch-predictions.js';
import { Findings1764000046000 } from './1764000046000-findings.js';
import { LengthSaidByParts1764000047000 } from './1764000047000-length-said-by-parts.js';
import { KeysOfUploads1764000048000 } from './1764000048000-keys-of-uploads.js';
import { ControlTexts1764000050000 } from './1764000050000-control-texts.js';
import { ChosenHyperparameters1764000051000 } from './1764000051000-chosen-hyperparameters.js';
import { TokenEvaluations1764000053000 } from './1764000053000-token-evaluations.js';
import { WorkerEndings1764000054000 } from './1764000054000-worker-endings.js';
import { UploadedDocuments1764000055000 } from './1764000055000-uploaded-documents.js';
import { BaselinesInUse1764000056000 } from './1764000056000-baselines-in-use.js';
import { Generations1764000057000 } from './1764000057000-generations.js';
import { ExportFormats1764000059000 } from './1764000059000-export-formats.js';
import { ParityCertificates1764000060000 } from './1764000060000-parity-certificates.js';
import { Preparations1764000061000 } from './1764000061000-preparations.js';
import { DatasetReports1764000062000 } from './1764000062000-dataset-reports.js';
import { FormatsOfUploads1764000063000 } from './1764000063000-formats-of-uploads.js';
import { DatasetExports1764000064000 } from './1764000064000-dataset-exports.js';
import { AppendedExamples1764000065000 } from './1764000065000-appended-examples.js';
import { ModelRecommendations1764000066000 } from './1764000066000-model-recommendations.js';
import { LicencesAndInspections1764000067000 } from './1764000067000-licences-and-inspections.js';
import { TrainingSpeed1764000069000 } from './1764000069000-training-speed.js';
import { EventsOfData1764000070000 } from './1764000070000-events-of-data.js';
import { RejectionsByReading1764000071000 } from './1764000071000-rejections-by-reading.js';
import { Feedback1764000072000 } from './1764000072000-feedback.js';
import { FeedbackDatasets1764000076000 } from './1764000076000-feedback-datasets.js';
import { FeedbackExports1764000077000 } from './1764000077000-feedback-exports.js';
import { FeedbackItemSources1764000078000 } from './1764000078000-feedback-item-sources.js';
import { FeedbackAdjudications1764000079000 } from './1764000079000-feedback-adjudications.js';
import { RewardEvaluations1764000080000 } from './1764000080000-reward-evaluations.js';
import { ScoredSamples1764000083000 } from './1764000083000-scored-samples.js';
import { FeedbackLoops1764000084000 } from './1764000084000-feedback-loops.js';
import { ModelsOfLoops1764000084001 } from './1764000084001-models-of-loops.js';
import { FeedbackEndsLookedAt1764000085000 } from './1764000085000-feedback-ends-looked-at.js';
import { OwnFeedbackLogs1764000085001 } from './1764000085001-own-feedback-logs.js';
import { FeedbackCursors1764000085002 } from './1764000085002-feedback-cursors.js';
import { FilesOfItemSources1764000085003 } from './1764000085003-files-of-item-sources.js';
import { ScoredSamplesInUse1764000087000 } from './1764000087000-scored-samples-in-use.js';
import { ModelsOfExperiments1764000088000 } from './1764000088000-models-of-experiments.js';
import { ReferenceModels1764000089000 } from './1764000089000-reference-models.js';
import { PreferenceEvaluations1764000090000 } from './1764000090000-preference-evaluations.js';
import { FlagsOfClaims1764000094000 } from './1764000094000-flags-of-claims.js';
import { CandidatesInUse1764000095000 } from './1764000095000-candidates-in-use.js';
import { JudgementsOfModels1764000100000 } from './1764000100000-judgements-of-models.js';
import { PreferencesOfLoops1764000101000 } from './1764000101000-preferences-of-loops.js';
import { KeptLogProbabilities1764000120000 } from './1764000120000-kept-log-probabilities.js';
import { RewardsOfItems1764000130000 } from './1764000130000-rewards-of-items.js';
import { FeedbackQuotas1764000130001 } from './1764000130001-feedback-quotas.js';
import { JudgedAnew1764000130002 } from './1764000130002-judged-anew.js';
import { PeopleOfFeedbackVersions1764000140000 } from './1764000140000-people-of-feedback-versions.js';
import { MetricBlocks1764000230000 } from './1764000230000-metric-blocks.js';
import { TermsOfExperiments1764000240000 } from './1764000240000-terms-of-experiments.js';
import { MetricsOfProjects1764000240001 } from './1764000240001-metrics-of-projects.js';
import { RequestsOfJobs1764000250000 } from './1764000250000-requests-of-jobs.js';
import { PointsOfSpans1764000260000 } from './1764000260000-points-of-spans.js';
import { DeletedProjects1764000270000 } from './1764000270000-deleted-projects.js';
import { ComputedColumns1764000280000 } from './1764000280000-computed-columns.js';
import { CheckpointsKept1764000280001 } from './1764000280001-checkpoints-kept.js';

/** In the order they run. Migrations only go forward: a change of schema is a new file. */
export const migrations = [
  Projects1764000000000,
  Datasets1764000001000,
  BaseModels1764000002000,
  Experiments1764000003000,
  Evaluations1764000004000,
  Jobs1764000005000,
  Transfers1764000006000,
  EncodersAndAdapters1764000007000,
  Access1764000008000,
  OrganizingExperiments1764000009000,
  ListIndexes1764000010000,
  Quotas1764000011000,
  MetricSpans1764000012000,
  ProjectEvents1764000013000,
  Webhooks1764000013001,
  SignIn1764000014000,
  RateLimits1764000015000,
  UploadSecrets1764000016000,
  ArtifactsOfModels1764000017000,
  FileOptions1764000018000,
  Heads1764000019000,
  LeftOutColumns1764000022000,
  IdsOfMembers1764000024000,
  FileNotices1764000025000,
  AuditTargets1764000026000,
  NarrowedWebhooks1764000026001,
  ServiceAccounts1764000026002,
  TagsAndNotes1764000030000,
  ModelAliases1764000031000,
  EvaluationChanges1764000035000,
  EvaluationProgress1764000036000,
  Deletion1764000040000,
  DeletedUsers1764000041000,
  JobsWithoutDelay1764000042000,
  ScoredExamples1764000043000,
  PendingUploads1764000044000,
  BatchPredictions1764000045000,
  Findings1764000046000,
  LengthSaidByParts1764000047000,
  KeysOfUploads1764000048000,
  ControlTexts1764000050000,
  ChosenHyperparameters1764000051000,
  TokenEvaluations1764000053000,
  WorkerEndings1764000054000,
  UploadedDocuments1764000055000,
  BaselinesInUse1764000056000,
  Generations1764000057000,
  ExportFormats1764000059000,
  ParityCertificates1764000060000,
  Preparations1764000061000,
  DatasetReports1764000062000,
  FormatsOfUploads1764000063000,
  DatasetExports1764000064000,
  AppendedExamples1764000065000,
  ModelRecommendations1764000066000,
  LicencesAndInspections1764000067000,
  TrainingSpeed1764000069000,
  EventsOfData1764000070000,
  RejectionsByReading1764000071000,
  Feedback1764000072000,
  FeedbackDatasets1764000076000,
  FeedbackExports1764000077000,
  FeedbackItemSources1764000078000,
  FeedbackAdjudications1764000079000,
  RewardEvaluations1764000080000,
  ScoredSamples1764000083000,
  FeedbackLoops1764000084000,
  ModelsOfLoops1764000084001,
  FeedbackEndsLookedAt1764000085000,
  OwnFeedbackLogs1764000085001,
  FeedbackCursors1764000085002,
  FilesOfItemSources1764000085003,
  ScoredSamplesInUse1764000087000,
  ModelsOfExperiments1764000088000,
  ReferenceModels1764000089000,
  PreferenceEvaluations1764000090000,
  FlagsOfClaims1764000094000,
  CandidatesInUse1764000095000,
  JudgementsOfModels1764000100000,
  PreferencesOfLoops1764000101000,
  KeptLogProbabilities1764000120000,
  RewardsOfItems1764000130000,
  FeedbackQuotas1764000130001,
  JudgedAnew1764000130002,
  PeopleOfFeedbackVersions1764000140000,
  MetricBlocks1764000230000,
  TermsOfExperiments1764000240000,
  MetricsOfProjects1764000240001,
  RequestsOfJobs1764000250000,
  PointsOfSpans1764000260000,
  DeletedProjects1764000270000,
  ComputedColumns1764000280000,
  CheckpointsKept1764000280001,
];
