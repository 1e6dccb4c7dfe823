import { createHash } from 'node:crypto';
import {
  type ChildPage,
  type ChildPageLoader,
  type Listing,
  reverse,
  type SortColumn,
} from '../database/child-pages.js';
import { notACursor, type Page, type PageArgs, pageRequest, readCursor } from './connection.js';

const forms: Readonly<Record<SortColumn['type'], RegExp>> = {
  timestamptz: /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/,
  interval: /^[\w +:.-]{1,80}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  int: /^-?\d{1,10}$/,
  bigint: /^-?\d{1,19}$/,
  float8: /^-?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)$/,
  text: /^/,
};

/** What an operation needs of a page's rows. */
export interface SelectedColumns {
  /** SQL of the columns; null: all. */
  readonly select: string | null;
  readonly withCursors: boolean;
}

const everything: SelectedColumns = { select: null, withCursors: true };

/**
 * One page of a parent's list, as a GraphQL connection. The rows are counted only when the client selects the count.
 */
export async function childConnection<Row, Node, ConnectionType>(options: {
  readonly loader: ChildPageLoader<Row>;
  readonly parent: string;
  readonly page: PageArgs;
  /** The filter and order of the list, if it has them. */
  readonly listing?: Listing;
  /** What of the rows is read. Default: all, with cursors. */
  readonly selected?: SelectedColumns;
  readonly toNode: (row: Row) => Node;
  readonly toConnection: (page: Page<Node>, after: string | null) => ConnectionType;
}): Promise<ConnectionType> {
  const { loader, parent, listing = {}, toNode, toConnection } = options;
  const { select, withCursors: withKeys } = options.selected ?? everything;
  const order = listing.order ?? loader.order;
  const marks = () => [markOf([loader.name, parent]), markOf(order), markOf(listing.where ?? [])] as const;
  const { goes, size, cursor } = pageRequest(options.page);
  const key = cursor === null ? null : keyOf(cursor, marks(), order.sort, goes === 'BACK' ? 'before' : 'after');
  const marked = (keys: readonly (readonly string[])[]) => {
    if (keys.length === 0) return [];
    const ofList = marks();
    return keys.map((each) => [...ofList, ...each]);
  };
  const count = () => loader.count(parent, listing.where, listing.search);
  if (goes === 'FORTH') {
    const args = { ...listing, first: size, after: key, select, withKeys };
    const { rows, keys, hasNextPage } = await loadPage(loader, parent, args);
    return toConnection({ nodes: rows.map(toNode), keys: marked(keys), hasNextPage, count }, cursor);
  }
  const reversed = { ...listing, order: reverse(order), first: size, after: key, select, withKeys };
  const { rows, keys, hasNextPage } = await loadPage(loader, parent, reversed);
  return toConnection(
    {
      nodes: rows.map(toNode).reverse(),
      keys: marked(keys).reverse(),
      hasPreviousPage: hasNextPage,
      // The object of the cursor follows.
      hasNextPage: cursor !== null,
      count,
    },
    null,
  );
}

/** Marks a cursor with its list, order and filter: a position in one list means nothing in another. */
function markOf(part: unknown): string {
  return createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 8);
}

function keyOf(
  cursor: string,
  [list, order, filter]: readonly [list: string, order: string, filter: string],
  sort: readonly SortColumn[],
  argument: 'after' | 'before',
): readonly string[] {
  const isNoCursor = `\`${argument}\` is not a cursor of this list`;
  const [ofList, ofOrder, ofFilter, ...key] = readCursor(cursor) ?? [];
  if (ofList !== list) throw notACursor(`${isNoCursor}.`);
  if (ofOrder !== order) throw notACursor(`${isNoCursor} in this order: leave it out when \`orderBy\` changes.`);
  if (ofFilter !== filter) throw notACursor(`${isNoCursor} with this filter: leave it out when \`filter\` changes.`);
  if (key.length !== sort.length || !key.every((value, i) => forms[sort[i]!.type].test(value))) {
    throw notACursor(`${isNoCursor}.`);
  }
  return key;
}

/**
 * SQLSTATE class 22, data exception: a forged cursor can hold a value with the form of its type but outside its range.
 */
async function loadPage<Row>(
  loader: ChildPageLoader<Row>,
  parent: string,
  args: Parameters<ChildPageLoader<Row>['page']>[1],
): Promise<ChildPage<Row>> {
  try {
    return await loader.page(parent, args);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (args.after !== null && code.startsWith('22')) throw notACursor();
    throw error;
  }
}
