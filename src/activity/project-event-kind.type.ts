import { registerEnumType } from 'type-graphql';
import type { ProjectEventKind } from './project-event.js';

export const ProjectEventKindEnum = {
  EXPERIMENT_CREATED: 'experiment.created',
  EXPERIMENT_STATUS_CHANGED: 'experiment.status_changed',
  EVALUATION_FINISHED: 'evaluation.finished',
  BATCH_PREDICTION_FINISHED: 'batch_prediction.finished',
  MODEL_IMPORT_FINISHED: 'model_import.finished',
  MODEL_EXPORT_FINISHED: 'model_export.finished',
  PREPARATION_FINISHED: 'preparation.finished',
  DATASET_REPORT_FINISHED: 'dataset_report.finished',
  SCORED_SAMPLES_FINISHED: 'scored_samples.finished',
  MODEL_RECOMMENDATION_FINISHED: 'model_recommendation.finished',
  DATASET_EXPORT_FINISHED: 'dataset_export.finished',
  FEEDBACK_TASK_OPENED: 'feedback_task.opened',
  FEEDBACK_TASK_CLOSED: 'feedback_task.closed',
  FEEDBACK_LOOP_STATUS_CHANGED: 'feedback_loop.status_changed',
  FEEDBACK_LOOP_ROUND_FINISHED: 'feedback_loop.round_finished',
  DATASET_VERSION_CREATED: 'dataset_version.created',
  BASE_MODEL_REGISTERED: 'base_model.registered',
  MODEL_ALIAS_MOVED: 'model_alias.moved',
  OBJECT_DELETED: 'object.deleted',
  MEMBER_CHANGED: 'member.changed',
} as const satisfies Record<string, ProjectEventKind>;

registerEnumType(ProjectEventKindEnum, {
  name: 'ProjectEventKind',
  description: 'Kinds of events of a project, to choose from. New kinds may be added.',
  valuesConfig: {
    EXPERIMENT_CREATED: { description: 'ExperimentCreated; `experiment.created` in webhooks.' },
    EXPERIMENT_STATUS_CHANGED: { description: 'ExperimentStatusChanged; `experiment.status_changed` in webhooks.' },
    EVALUATION_FINISHED: { description: 'EvaluationFinished; `evaluation.finished` in webhooks.' },
    BATCH_PREDICTION_FINISHED: { description: 'BatchPredictionFinished; `batch_prediction.finished` in webhooks.' },
    MODEL_IMPORT_FINISHED: { description: 'ModelImportFinished; `model_import.finished` in webhooks.' },
    MODEL_EXPORT_FINISHED: { description: 'ModelExportFinished; `model_export.finished` in webhooks.' },
    PREPARATION_FINISHED: { description: 'PreparationFinished; `preparation.finished` in webhooks.' },
    SCORED_SAMPLES_FINISHED: { description: 'ScoredSamplesFinished; `scored_samples.finished` in webhooks.' },
    DATASET_REPORT_FINISHED: { description: 'DatasetReportFinished; `dataset_report.finished` in webhooks.' },
    MODEL_RECOMMENDATION_FINISHED: {
      description: 'ModelRecommendationFinished; `model_recommendation.finished` in webhooks.',
    },
    DATASET_EXPORT_FINISHED: { description: 'DatasetExportFinished; `dataset_export.finished` in webhooks.' },
    FEEDBACK_TASK_OPENED: { description: 'FeedbackTaskOpened; `feedback_task.opened` in webhooks.' },
    FEEDBACK_TASK_CLOSED: { description: 'FeedbackTaskClosed; `feedback_task.closed` in webhooks.' },
    FEEDBACK_LOOP_STATUS_CHANGED: {
      description: 'FeedbackLoopChanged; `feedback_loop.status_changed` in webhooks.',
    },
    FEEDBACK_LOOP_ROUND_FINISHED: {
      description: 'FeedbackLoopRoundFinished; `feedback_loop.round_finished` in webhooks.',
    },
    DATASET_VERSION_CREATED: { description: 'DatasetVersionCreated; `dataset_version.created` in webhooks.' },
    BASE_MODEL_REGISTERED: { description: 'BaseModelRegistered; `base_model.registered` in webhooks.' },
    MODEL_ALIAS_MOVED: { description: 'ModelAliasMoved; `model_alias.moved` in webhooks.' },
    OBJECT_DELETED: { description: 'ObjectDeleted; `object.deleted` in webhooks.' },
    MEMBER_CHANGED: { description: 'MemberChanged; `member.changed` in webhooks.' },
  },
});
