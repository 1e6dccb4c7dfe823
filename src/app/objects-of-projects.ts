import { BatchPredictionType } from '../batch-predictions/batch-prediction.type.js';
import { DatasetExportType } from '../dataset-exports/dataset-export.type.js';
import { DatasetType } from '../datasets/dataset.type.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { PreparationType } from '../datasets/preparation/preparation.type.js';
import { DatasetReportType } from '../datasets/reports/dataset-report.type.js';
import { EvaluationType } from '../evaluations/evaluation.type.js';
import { ExperimentType } from '../experiments/experiment.type.js';
import { FeedbackTaskType } from '../feedback/feedback-task.type.js';
import { RecordedFeedbackType } from '../feedback/recorded/recorded-feedback.type.js';
import { GenerationType } from '../generations/generation.type.js';
import { FeedbackLoopType } from '../loops/loop.type.js';
import { ModelAliasType } from '../models/aliases/model-alias.type.js';
import { BaseModelType } from '../models/base-model.type.js';
import { RecommendationType } from '../recommendations/recommendation.type.js';
import { ScoredSamplesType } from '../scored-samples/scored-samples.type.js';
import { ModelExportType } from '../transfers/model-export.type.js';
import { ModelImportType } from '../transfers/model-import.type.js';
import { WebhookType } from '../webhooks/webhook.type.js';

/** The types whose objects a user creates in a project, and that can be reached by their id alone. */
export const objectsOfProjects = [
  DatasetType,
  DatasetVersionType,
  BaseModelType,
  ModelAliasType,
  ExperimentType,
  EvaluationType,
  GenerationType,
  FeedbackTaskType,
  FeedbackLoopType,
  RecordedFeedbackType,
  BatchPredictionType,
  ScoredSamplesType,
  PreparationType,
  DatasetReportType,
  DatasetExportType,
  RecommendationType,
  ModelImportType,
  ModelExportType,
  WebhookType,
];
