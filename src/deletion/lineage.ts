import type { ChildList } from '../database/child-pages.js';
import type { ObjectRow } from '../graphql/object-kinds.js';
import type { Query } from '../protocol/sql/query.js';

/** Kinds of objects that are deleted one at a time, or with what comes from them. */
export type DeletableKind =
  | 'Dataset'
  | 'DatasetVersion'
  | 'BaseModel'
  | 'Experiment'
  | 'Evaluation'
  | 'BatchPrediction'
  | 'ScoredSamples'
  | 'FeedbackTask'
  | 'FeedbackLoop'
  | 'DatasetExport'
  | 'ModelImport'
  | 'ModelExport';

/** Kinds of rows that go: a model's aliases go with it. */
export type DoomedKind = DeletableKind | 'ModelAlias';

/** By kind: the table of its rows. */
export const tableOf: Readonly<Record<DoomedKind, string>> = {
  Dataset: 'datasets',
  DatasetVersion: 'dataset_versions',
  BaseModel: 'base_models',
  ModelAlias: 'model_aliases',
  Experiment: 'experiments',
  Evaluation: 'evaluations',
  BatchPrediction: 'batch_predictions',
  ScoredSamples: 'scored_samples',
  FeedbackTask: 'feedback_tasks',
  FeedbackLoop: 'feedback_loops',
  DatasetExport: 'dataset_exports',
  ModelImport: 'model_imports',
  ModelExport: 'model_exports',
};

/** What uses one of the objects with these row ids, or came out of it, the newest first; each object once. */
export async function usersOf(query: Query, ids: readonly string[]): Promise<readonly ObjectRow[]> {
  return query<ObjectRow>(
    `SELECT DISTINCT ON (created_at, id) kind, id, name FROM object_uses WHERE used_id = ANY($1::uuid[])
      ORDER BY created_at DESC, id DESC`,
    [ids],
  );
}

const newestUsers: Pick<ChildList, 'select' | 'sort' | 'direction'> = {
  select: 'u.kind, u.id, u.name',
  sort: [
    { column: 'u.created_at', type: 'timestamptz' },
    { column: 'u.id', type: 'uuid' },
  ],
  direction: 'DESC',
};

export const usersOfObject: ChildList = {
  ...newestUsers,
  from: 'object_uses u',
  parent: { column: 'u.used_id', type: 'uuid' },
};

/**
 * What uses any version of a dataset. Evaluations, batch predictions and exports use one version each; an experiment
 * whose control texts are of the dataset that it learns from is there once.
 */
export const usersOfDataset: ChildList = {
  ...newestUsers,
  from: `dataset_versions v JOIN object_uses u ON u.used_id = v.id
    AND NOT EXISTS (SELECT FROM dataset_versions x WHERE x.id = u.beside_id AND x.dataset_id = v.dataset_id)`,
  parent: { column: 'v.dataset_id', type: 'uuid' },
};
