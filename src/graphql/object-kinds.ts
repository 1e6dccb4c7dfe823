import type { TypeWithId } from './global-id.js';

/** Kinds of objects that are deleted, or that use one another. The values are the names of their types. */
export const ObjectKindEnum = {
  PROJECT: 'Project',
  DATASET: 'Dataset',
  DATASET_VERSION: 'DatasetVersion',
  BASE_MODEL: 'BaseModel',
  MODEL_ALIAS: 'ModelAlias',
  EXPERIMENT: 'Experiment',
  CHECKPOINT: 'Checkpoint',
  EVALUATION: 'Evaluation',
  FEEDBACK_TASK: 'FeedbackTask',
  FEEDBACK_LOOP: 'FeedbackLoop',
  BATCH_PREDICTION: 'BatchPrediction',
  SCORED_SAMPLES: 'ScoredSamples',
  PREPARATION: 'Preparation',
  DATASET_EXPORT: 'DatasetExport',
  DATASET_REPORT: 'DatasetReport',
  MODEL_RECOMMENDATION: 'ModelRecommendation',
  MODEL_IMPORT: 'ModelImport',
  MODEL_EXPORT: 'ModelExport',
  UPLOAD: 'Upload',
  WEBHOOK: 'Webhook',
  USER: 'User',
  MEMBER: 'Member',
  API_KEY: 'ApiKey',
  SESSION: 'Session',
} as const satisfies Readonly<Record<string, TypeWithId>>;
export type ObjectKind = (typeof ObjectKindEnum)[keyof typeof ObjectKindEnum];

/** An object by its type's name, row id and name. */
export interface ObjectRow {
  readonly kind: ObjectKind;
  readonly id: string;
  readonly name: string;
}
