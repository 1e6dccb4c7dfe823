import type { GraphQLContext, LiveFeeds } from '../access/context.js';
import type { Rights } from '../access/live-rights.js';
import type { Query } from '../protocol/sql/query.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import { createLoaders } from './loaders.js';
import { resolvers } from './resolvers.js';
import type { Services } from './services.js';

/** Makes the context that resolvers get for an operation of a viewer. */
export function createContextFor(options: {
  readonly services: Services;
  readonly query: Query;
  readonly workerReads: Pick<WorkerReads, 'byIds' | 'recent' | 'online'>;
  readonly live: LiveFeeds;
  readonly forgetRights: () => void;
}): (rights: Rights) => GraphQLContext {
  const { services, query, workerReads, live, forgetRights } = options;
  const instances = new Map<unknown, object>(resolvers.map(({ Resolver, make }) => [Resolver, make(services)]));
  return (rights) => ({
    get viewer() {
      return rights.viewer;
    },
    rights,
    resolvers: instances,
    loaders: createLoaders(query, workerReads),
    live,
    write: query,
    forgetRights,
  });
}
