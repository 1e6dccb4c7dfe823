import DataLoader from 'dataloader';
import type { Rights } from '../access/live-rights.js';
import { projectOfLoaders } from '../access/project-of.js';
import type { Viewer } from '../access/viewer.js';
import { createProjectEventLoaders } from '../activity/project-event.loaders.js';
import { createKeyLoader } from '../database/by-key.js';
import { createDatasetLoaders } from '../datasets/dataset.loaders.js';
import { createEvaluationLoaders } from '../evaluations/evaluation.loaders.js';
import { createExperimentLoaders } from '../experiments/experiment.loaders.js';
import { createBaseModelLoaders } from '../models/base-model.loaders.js';
import { createPeopleLoaders } from '../people/people.loaders.js';
import { type ProjectRow, projectsByIds, projectsBySlugs } from '../projects/project.reads.js';
import { createQuotaLoaders } from '../projects/quota.loaders.js';
import type { Query } from '../protocol/sql/query.js';
import { createTransferLoaders } from '../transfers/transfer.loaders.js';
import { createWebhookLoaders } from '../webhooks/webhook.loaders.js';
import type { WorkerReads, WorkerRow } from '../workers/worker.reads.js';
import type { LiveFeeds } from './live-feeds.js';

/** What every resolver gets: made anew for each operation, so that no loader shows one operation another's state. */
export interface GraphQLContext {
  /** Who asks; of an operation that goes on, with the rights as they are now. */
  readonly viewer: Viewer;
  readonly rights: Rights;
  readonly loaders: Loaders;
  /** Subscriptions find their feeds here: type-graphql calls `subscribe` without a resolver instance. */
  readonly live: LiveFeeds;
  /** Writes on any connection of the pool: for what is to be kept whatever becomes of the operation. */
  readonly write: Query;
}

export function createLoaders(query: Query, workerReads: Pick<WorkerReads, 'byIds' | 'recent'>) {
  return {
    projects: createKeyLoader<ProjectRow>(
      (ids) => projectsByIds(query, ids),
      (row) => row.id,
    ),
    projectBySlug: createKeyLoader<ProjectRow>(
      (slugs) => projectsBySlugs(query, slugs),
      (row) => row.slug,
    ),
    projectOf: projectOfLoaders(query),
    people: createPeopleLoaders(query),
    workers: createKeyLoader<WorkerRow>(
      (ids) => workerReads.byIds(ids),
      (row) => row.id,
    ),
    quotas: createQuotaLoaders(query),
    /** By how many: all projects of an operation show the same ones. */
    recentWorkers: new DataLoader<number, readonly WorkerRow[]>((limits) =>
      Promise.all(limits.map((limit) => workerReads.recent(limit))),
    ),
    datasets: createDatasetLoaders(query),
    baseModels: createBaseModelLoaders(query),
    experiments: createExperimentLoaders(query),
    evaluations: createEvaluationLoaders(query),
    transfers: createTransferLoaders(query),
    projectEvents: createProjectEventLoaders(query),
    webhooks: createWebhookLoaders(query),
  };
}
export type Loaders = ReturnType<typeof createLoaders>;

/** What can be told to forget what it has loaded. */
interface Clearable {
  clearAll(): unknown;
}

/** Forgets all that was loaded: for operations that last, so that one event is not shown with the state of another. */
export function clearLoaders(loaders: Loaders): void {
  for (const each of Object.values(loaders)) {
    if (isClearable(each)) each.clearAll();
    else for (const loader of Object.values(each)) loader.clearAll();
  }
}

function isClearable(value: object): value is Clearable {
  return 'clearAll' in value;
}

/** What resolvers get for an operation of a viewer. */
export function createContextFor(options: {
  readonly query: Query;
  readonly workerReads: Pick<WorkerReads, 'byIds' | 'recent'>;
  readonly live: LiveFeeds;
}): (rights: Rights) => GraphQLContext {
  const { query, workerReads, live } = options;
  return (rights) => ({
    get viewer() {
      return rights.viewer;
    },
    rights,
    loaders: createLoaders(query, workerReads),
    live,
    write: query,
  });
}
