import DataLoader from 'dataloader';
import type { Query } from '../protocol/sql/query.js';
import { groupBy } from './group-by.js';
import { KeyLoader } from './key-loader.js';
import { type Direction, isAfter, type Order, orderBy, type SortColumn } from './order.js';
import { joinSql, type Sql, sourceText, sql, toStatement, wholeNumber } from './sql.js';
import { type Search, type TermIndex, termsCondition, walkFirst } from './walk.js';

export type { Direction, Order, SortColumn } from './order.js';

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

interface ChildPageArgs extends Listing {
  readonly first: number;
  /** The sort columns' values, as text, of the row to continue after; null: from the beginning. */
  readonly after: readonly string[] | null;
  /** SQL of the columns to read; null or left out: the list's own. */
  readonly select?: string | null;
  /** False: the keys of rows are not read. */
  readonly withKeys?: boolean;
}

export interface ChildPage<Row> {
  readonly rows: readonly Row[];
  /**
   * The sort columns' values of each row, as text, because a JavaScript Date would lose microseconds; empty where they
   * were not asked for.
   */
  readonly keys: readonly (readonly string[])[];
  readonly hasNextPage: boolean;
}

interface CountRequest extends Pick<Listing, 'where' | 'search'> {
  readonly parent: string;
}

export interface ChildPageLoader<Row> {
  /** What tells the list from others, whatever its parent. */
  readonly name: string;
  readonly order: Order;
  page(parent: string, args: ChildPageArgs): Promise<ChildPage<Row>>;
  /** The same page of several parents, in their order. */
  pages(parents: readonly string[], args: ChildPageArgs): Promise<readonly ChildPage<Row>[]>;
  /** How many rows the list has in all. */
  count(parent: string, where?: readonly Sql[], search?: Search): Promise<number>;
  /** Makes the loader forget everything it loaded. */
  clearAll(): void;
}

/** The same order from its other end. */
export function reverse({ sort, direction, ...rest }: Order): Order {
  const other = (of: Direction): Direction => (of === 'ASC' ? 'DESC' : 'ASC');
  return {
    ...rest,
    direction: other(direction),
    sort: sort.map(({ direction: own, ...column }) =>
      own === undefined ? column : { ...column, direction: other(own) },
    ),
  };
}

/**
 * Pages of one list for many parents. All requests of one tick with equal arguments share a statement: a lateral join
 * runs the index scan with its LIMIT once for each parent, inside the server.
 */
export function createChildPageLoader<Row extends object>(query: Query, list: ChildList): ChildPageLoader<Row> {
  /** By what tells the arguments from others, whatever the parent. */
  const loaders = new Map<string, KeyLoader<ChildPage<Row>>>();
  const loaderFor = (args: ChildPageArgs): KeyLoader<ChildPage<Row>> => {
    const { first, after, where = [], order = list, search, select = null, withKeys = true } = args;
    const { sort, direction, join } = order;
    const key = JSON.stringify([first, after, where, sort, direction, join, search, select, withKeys]);
    const known = loaders.get(key);
    if (known !== undefined) return known;
    const loader = new KeyLoader((parents) => loadPages<Row>(query, list, parents, args), emptyPage);
    loaders.set(key, loader);
    return loader;
  };
  const counts = new DataLoader<CountRequest, number, string>(
    (requests) =>
      inGroups(
        requests,
        ({ where, search }) => JSON.stringify([where, search]),
        (group) => loadCounts(query, list, group),
      ),
    { cacheKeyFn: JSON.stringify },
  );
  return {
    name: `${list.from} BY ${list.parent.column}`,
    order: { sort: list.sort, direction: list.direction, ...(list.join === undefined ? {} : { join: list.join }) },
    page: (parent, args) => loaderFor(args).load(parent),
    pages: (parents, args) => loaderFor(args).loadAll(parents),
    count: (parent, where = [], search) => counts.load({ parent, where, ...(search === undefined ? {} : { search }) }),
    clearAll() {
      loaders.clear();
      counts.clearAll();
    },
  };
}

/**
 * Sort columns for a value that some rows lack: those rows come last, whatever the direction. A cursor can't continue
 * after NULL, which never compares; so a number before the value says whether there is one. In a float8 column NaN
 * comes after all numbers and before NULL.
 * @param substitute any value of the type, in SQL
 */
export function lastWithout(expression: string, type: SortColumn['type'], substitute: string): readonly SortColumn[] {
  if (type !== 'float8') {
    return [
      { column: `(${expression} IS NULL)::int`, type: 'int', direction: 'ASC' },
      { column: `coalesce(${expression}, ${substitute})`, type },
    ];
  }
  return [
    {
      column: `CASE WHEN ${expression} IS NULL THEN 2 WHEN ${expression} = 'NaN' THEN 1 ELSE 0 END`,
      type: 'int',
      direction: 'ASC',
    },
    { column: `coalesce(nullif(${expression}, 'NaN'), ${substitute})`, type },
  ];
}

const emptyPage = { rows: [], keys: [], hasNextPage: false };

/** The pages of those parents that have rows. */
async function loadPages<Row extends object>(
  query: Query,
  list: ChildList,
  parents: readonly string[],
  args: ChildPageArgs,
): Promise<ReadonlyMap<string, ChildPage<Row>>> {
  const { first, after, order = list, select = null, withKeys = true } = args;
  const isOfParent = sql`${sourceText(list.parent.column)} = parents.id`;
  const { where, isFound } = conditionsOf(list, args);
  const position = after === null ? [] : [isAfter(order, after)];
  const conditions = [isOfParent, ...where, ...isFound, ...position];
  const walk = order.walk?.(order, after, list.parent.column) ?? null;
  const walks = list.key !== undefined && walk !== null && (walk.from !== null || isFound.length > 0);
  // Few columns are read at once; all of them only for the rows of the page.
  const key = select === null || walks ? list.key : undefined;
  const page = sql`
       SELECT ${sourceText(key === undefined ? (select ?? list.select) : `${key} AS "pageKey"`)},
         ${sourceText(order.sort.map(({ column }, i) => `${column} AS sort${i}`).join(', '))}
       FROM ${sourceText(list.from)} ${order.join ?? sourceText('')}
       WHERE ${joinSql(conditions, ' AND ')}
       ORDER BY ${orderBy(order, ({ column }) => column)}
       LIMIT ${wholeNumber(first + 1)}`;
  const pageRows =
    walks && key !== undefined
      ? walkFirst({ list: { ...list, key }, isOfParent, where, order, after, first, walk, otherwise: page })
      : page;
  const children =
    key === undefined
      ? page
      : sql`SELECT ${sourceText(select ?? list.select)}, page.* FROM ${sourceText(list.from)}
              JOIN (${pageRows}) AS page ON page."pageKey" = ${sourceText(key)}`;
  const keys = withKeys ? order.sort.map((_, i) => `, children.sort${i}::text AS key${i}`).join('') : '';
  const statement = toStatement(sql`
    SELECT parents.id AS "parentId", children.*${sourceText(keys)}
     FROM unnest(${parents}::${sourceText(list.parent.type)}[]) AS parents(id)
     CROSS JOIN LATERAL (${children}) AS children
     ORDER BY ${orderBy(order, (_, i) => `children.sort${i}`)}`);
  const found = await query<Row & Record<string, unknown>>(statement.text, statement.parameters);
  const pages = new Map<string, ChildPage<Row>>();
  for (const [parent, rows] of groupBy(found, (row) => row.parentId)) {
    const shown = rows.length > first ? rows.slice(0, first) : rows;
    const keysOf = (row: Row & Record<string, unknown>) => order.sort.map((_, i) => String(row[`key${i}`]));
    pages.set(String(parent), {
      rows: shown,
      keys: withKeys ? shown.map(keysOf) : [],
      hasNextPage: rows.length > first,
    });
  }
  return pages;
}

/** Conditions of a list, and what finds its rows by the index of terms, if the list has one and the filter any. */
function conditionsOf(
  { terms, key }: ChildList,
  { where = [], search }: Pick<Listing, 'where' | 'search'>,
): { where: readonly Sql[]; isFound: readonly Sql[] } {
  const inBrackets = (conditions: readonly Sql[]): Sql[] => conditions.map((condition) => sql`(${condition})`);
  if (terms === undefined || key === undefined || search === undefined) {
    return { where: inBrackets(where), isFound: [] };
  }
  return { where: inBrackets(search.where), isFound: [termsCondition(terms, key, search)] };
}

async function loadCounts(query: Query, list: ChildList, requests: readonly CountRequest[]): Promise<number[]> {
  const { where, isFound } = conditionsOf(list, requests[0]!);
  const conditions = [sql`${sourceText(list.parent.column)} = parents.id`, ...where, ...isFound];
  const statement = toStatement(sql`
    SELECT parents.id AS "parentId", counted.count
     FROM unnest(${requests.map(({ parent }) => parent)}::${sourceText(list.parent.type)}[]) AS parents(id)
     CROSS JOIN LATERAL (
       SELECT count(*)::float8 AS count FROM ${sourceText(list.from)} WHERE ${joinSql(conditions, ' AND ')}
     ) AS counted`);
  const found = await query<{ parentId: string; count: number }>(statement.text, statement.parameters);
  const counts = new Map(found.map(({ parentId, count }) => [parentId, count]));
  return requests.map(({ parent }) => counts.get(parent) ?? 0);
}

/**
 * Loads requests in groups that differ only in the list that `load` takes. Results are in the order of the requests.
 */
async function inGroups<Key, Value>(
  keys: readonly Key[],
  groupOf: (key: Key) => string,
  load: (group: readonly Key[]) => Promise<readonly Value[]>,
): Promise<Value[]> {
  const results = new Map<Key, Value>();
  const groups = groupBy(keys, groupOf);
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const values = await load(group);
      group.forEach((key, i) => {
        results.set(key, values[i]!);
      });
    }),
  );
  return keys.map((key) => results.get(key)!);
}
