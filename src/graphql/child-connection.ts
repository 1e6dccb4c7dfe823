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
interface SelectedColumns {
  /** SQL of the columns; null: all. */
  readonly select: string | null;
  readonly withCursors: boolean;
}

const everything: SelectedColumns = { select: null, withCursors: true };

interface ConnectionOptions<Row, Node, ConnectionType> {
  readonly loader: ChildPageLoader<Row>;
  readonly page: PageArgs;
  /** The filter and order of the list, if it has them. */
  readonly listing?: Listing;
  /** What of the rows is read. Default: all, with cursors. */
  readonly selected?: SelectedColumns;
  readonly toNode: (row: Row) => Node;
  readonly toConnection: (page: Page<Node>, after: string | null) => ConnectionType;
}

/**
 * One page of a parent's list, as a GraphQL connection. The rows are counted only when the client selects the count.
 */
export async function childConnection<Row, Node, ConnectionType>(
  options: ConnectionOptions<Row, Node, ConnectionType> & { readonly parent: string },
): Promise<ConnectionType> {
  const { loader, parent, listing = {}, selected = everything } = options;
  const order = listing.order ?? loader.order;
  const { goes, size, cursor } = pageRequest(options.page);
  const argument = goes === 'BACK' ? 'before' : 'after';
  const key = cursor === null ? null : keyOf(cursor, marksOf(loader, parent, listing), order.sort, argument);
  if (goes === 'FORTH') {
    const page = await loadPage(loader, parent, argsOf(listing, size, key, selected));
    return toForthConnection(options, parent, page, cursor);
  }
  const reversed = { ...argsOf(listing, size, key, selected), order: reverse(order) };
  const { rows, keys, hasNextPage } = await loadPage(loader, parent, reversed);
  return options.toConnection(
    {
      nodes: rows.map(options.toNode).reverse(),
      keys: marked(keys, () => marksOf(loader, parent, listing)).reverse(),
      hasPreviousPage: hasNextPage,
      // The object of the cursor follows.
      hasNextPage: cursor !== null,
      count: () => loader.count(parent, listing.where, listing.search),
    },
    null,
  );
}

/** The same for many parents at once: for each, in their order, its page, or why there is none. */
export async function childConnections<Row, Node, ConnectionType>(
  options: ConnectionOptions<Row, Node, ConnectionType> & { readonly parents: readonly string[] },
): Promise<readonly unknown[]> {
  const { loader, parents, listing = {}, selected = everything } = options;
  const { goes, size, cursor } = pageRequest(options.page);
  if (goes === 'BACK' || cursor !== null) {
    // A cursor is one of a single list: for other parents it is an error.
    return Promise.all(parents.map((parent) => childConnection({ ...options, parent }).catch((error) => error)));
  }
  const pages = await loader.pages(parents, argsOf(listing, size, null, selected));
  return pages.map((page, i) => toForthConnection(options, parents[i]!, page, null));
}

function toForthConnection<Row, Node, ConnectionType>(
  { loader, listing = {}, toNode, toConnection }: ConnectionOptions<Row, Node, ConnectionType>,
  parent: string,
  { rows, keys, hasNextPage }: ChildPage<Row>,
  after: string | null,
): ConnectionType {
  const page: Page<Node> = {
    nodes: rows.map(toNode),
    keys: marked(keys, () => marksOf(loader, parent, listing)),
    hasNextPage,
    count: () => loader.count(parent, listing.where, listing.search),
  };
  return toConnection(page, after);
}

function argsOf(listing: Listing, first: number, after: readonly string[] | null, selected: SelectedColumns) {
  return { ...listing, first, after, select: selected.select, withKeys: selected.withCursors };
}

type Marks = readonly [list: string, order: string, filter: string];

function marksOf<Row>(loader: ChildPageLoader<Row>, parent: string, { order, where }: Listing): Marks {
  return [markOf([loader.name, parent]), markOf(order ?? loader.order), markOf(where ?? [])];
}

/** The keys of cursors, with the marks of their list; most pages are asked for without cursors, and have no keys. */
function marked(keys: readonly (readonly string[])[], marksOfList: () => Marks): string[][] {
  if (keys.length === 0) return [];
  const marks = marksOfList();
  return keys.map((each) => [...marks, ...each]);
}

/** Marks a cursor with its list, order and filter: a position in one list means nothing in another. */
function markOf(part: unknown): string {
  return createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 8);
}

function keyOf(
  cursor: string,
  [list, order, filter]: Marks,
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
