import type DataLoader from 'dataloader';
import type { Query } from '../protocol/sql/query.js';
import type { Rights } from './live-rights.js';
import type { projectOfLoaders } from './project-of.js';
import type { Viewer } from './viewer.js';

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

/**
 * The loaders of one operation. Here are those that rights are looked up by; each slice declares its own beside the
 * function that makes them (`declare module`), and app/loaders.ts makes all.
 */
export interface Loaders {
  readonly projectOf: ReturnType<typeof projectOfLoaders>;
  readonly projectBySlug: DataLoader<string, { readonly id: string } | null>;
}

/**
 * Feeds behind the subscriptions, declared by the slices like the loaders and made in app/live-feeds.ts. Each ends when
 * its consumer returns or the server closes.
 */
// biome-ignore lint/suspicious/noEmptyInterface: slices add to it.
export interface LiveFeeds {}

/** What can be told to forget what it has loaded. */
interface Clearable {
  clearAll(): unknown;
}

/** A slice's loaders, or the only one of them. */
export type LoaderGroup = Clearable | Readonly<Record<string, Clearable>>;

/** Forgets all that was loaded: for operations that last, so that one event is not shown with the state of another. */
export function clearLoaders(loaders: Loaders): void {
  for (const each of Object.values(loaders) as LoaderGroup[]) {
    if (isClearable(each)) each.clearAll();
    else for (const loader of Object.values(each)) loader.clearAll();
  }
}

function isClearable(value: LoaderGroup): value is Clearable {
  return 'clearAll' in value && typeof value.clearAll === 'function';
}
