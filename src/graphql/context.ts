import { type ProjectRow, projectsByIds } from '../access/project.reads.js';
import type { Viewer } from '../access/viewer.js';
import { createKeyLoader } from '../database/by-key.js';
import { createDatasetLoaders } from '../datasets/dataset.loaders.js';
import { createEvaluationLoaders } from '../evaluations/evaluation.loaders.js';
import { createExperimentLoaders } from '../experiments/experiment.loaders.js';
import { createBaseModelLoaders } from '../models/base-model.loaders.js';
import type { Query } from '../protocol/sql/query.js';
import type { WorkerRow } from '../server/worker.reads.js';
import { workersByIds } from '../server/worker.reads.js';
import type { LiveFeeds } from './live-feeds.js';

/** What every resolver gets: made anew for each operation, so that no loader shows one operation another's state. */
export interface GraphQLContext {
  readonly viewer: Viewer;
  readonly loaders: Loaders;
  /** Subscriptions find their feeds here: type-graphql calls `subscribe` without a resolver instance. */
  readonly live: LiveFeeds;
  /** In the log beside whatever went wrong, and in the masked error the client sees. */
  readonly operationId: string;
}

export function createLoaders(query: Query) {
  return {
    projects: createKeyLoader<ProjectRow>(
      (ids) => projectsByIds(query, ids),
      (row) => row.id,
    ),
    workers: createKeyLoader<WorkerRow>(
      (ids) => workersByIds(query, ids),
      (row) => row.id,
    ),
    datasets: createDatasetLoaders(query),
    baseModels: createBaseModelLoaders(query),
    experiments: createExperimentLoaders(query),
    evaluations: createEvaluationLoaders(query),
  };
}
export type Loaders = ReturnType<typeof createLoaders>;
