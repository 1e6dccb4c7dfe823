import type { Order } from './order.js';
import type { Sql } from './sql.js';
import type { Search, TermIndex } from './walk.js';

/** A list that belongs to a parent. All strings are SQL from the source code, never input. */
export interface ChildList extends Order {
  readonly select: string;
  readonly from: string;
  readonly parent: { readonly column: string; readonly type: 'uuid' };
  /**
   * The rows' primary key. With it, the page is found by the filter and sort columns alone, and the other columns are
   * read only for the page's rows.
   */
  readonly key?: string;
  /** Where the list has an index of terms that a search can be answered by. */
  readonly terms?: TermIndex;
}

/** A selection of a list's rows, and their order. */
export interface Listing {
  /** Conditions that must all hold. Default: none. */
  readonly where?: readonly Sql[];
  /** Default: the list's own order. */
  readonly order?: Order;
  /** What `where` says of words, tags and labels, for lists that have an index of them. */
  readonly search?: Search;
}

export interface ChildPageArgs extends Listing {
  readonly first: number;
  /** The sort columns' values, as text, of the row to continue after; null: from the beginning. */
  readonly after: readonly string[] | null;
  /** SQL of the columns to read; null or left out: the list's own. */
  readonly select?: string | null;
  /** False: the keys of rows are not read. */
  readonly withKeys?: boolean;
}
