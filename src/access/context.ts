import type { KeyLoader } from '../database/key-loader.js';
import type { Query } from '../protocol/sql/query.js';
import type { Rights } from './live-rights.js';
import type { projectOfDeletedLoader, projectOfLoaders, slugOfProjectLoader } from './project-of.js';
import type { Viewer } from './viewer.js';

/**
 * The context of every resolver. Each operation gets a new one, so that no loader shows one operation another's state.
 */
export interface GraphQLContext {
  /** Who asks. In an operation that lasts, the viewer has the rights of the present moment. */
  readonly viewer: Viewer;
  readonly rights: Rights;
  /** The instances of resolvers, by their class, made of the services of the server that was asked. */
  readonly resolvers: ReadonlyMap<unknown, object>;
  readonly loaders: Loaders;
  /** Subscriptions find their feeds here: type-graphql calls `subscribe` without a resolver instance. */
  readonly live: LiveFeeds;
  /**
   * Writes on a connection outside the operation's transaction, for rows that must stay even if the operation fails.
   */
  readonly write: Query;
  /**
   * What this process remembers of the rights of API keys, and of projects, is forgotten, because it may just have
   * changed them.
   */
  readonly forgetRights: () => void;
}

/**
 * The loaders of one operation. Here are those that rights are looked up by; each slice declares its own beside the
 * function that makes them (`declare module`), and app/loaders.ts makes all.
 */
export interface Loaders {
  readonly projectOf: ReturnType<typeof projectOfLoaders>;
  readonly projectOfDeleted: ReturnType<typeof projectOfDeletedLoader>;
  readonly projectBySlug: Pick<KeyLoader<{ readonly id: string } | null>, 'load' | 'clear' | 'clearAll'>;
  /** From a project's row id to its slug. */
  readonly slugOfProject: ReturnType<typeof slugOfProjectLoader>;
}

/**
 * Feeds behind the subscriptions, declared by the slices like the loaders and made in app/live-feeds.ts. Each ends when
 * its consumer returns or the server closes.
 */
// biome-ignore lint/suspicious/noEmptyInterface: slices add to it.
export interface LiveFeeds {}
