import DataLoader from 'dataloader';
import type { Query } from '../protocol/sql/query.js';
import type { ChildList, ChildPageArgs, Listing } from './child-list.js';
import { groupBy } from './group-by.js';
import { KeyLoader } from './key-loader.js';
import type { Direction, Order, SortColumn } from './order.js';
import { conditionsOf, pageStatement } from './page-statement.js';
import { joinSql, type Sql, sourceText, sql, toStatement } from './sql.js';
import type { Search } from './walk.js';

export type { ChildList, Listing } from './child-list.js';
export type { Direction, Order, SortColumn } from './order.js';

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
    const walks = order.walk !== undefined;
    const key = JSON.stringify([first, after, where, sort, direction, join, walks, search, select, withKeys]);
    const known = loaders.get(key);
    if (known !== undefined) return known;
    const loader = new KeyLoader((parents) => loadPages<Row>(query, list, parents, args, key), emptyPage);
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

/** The pages of those parents that have rows. @param argsKey tells the arguments from others */
async function loadPages<Row extends object>(
  query: Query,
  list: ChildList,
  parents: readonly string[],
  args: ChildPageArgs,
  argsKey: string,
): Promise<ReadonlyMap<string, ChildPage<Row>>> {
  const { first, order = list, withKeys = true } = args;
  const [parent] = parents;
  const statement = pageStatement(list, args, parents.length === 1, argsKey);
  const found = await query<Row & Record<string, unknown>>(statement.text, statement.parametersFor(parents));
  const keysOf = (row: Row & Record<string, unknown>) => order.sort.map((_, i) => String(row[`key${i}`]));
  const pageOf = (rows: readonly (Row & Record<string, unknown>)[]): ChildPage<Row> => {
    const shown = rows.length > first ? rows.slice(0, first) : rows;
    return { rows: shown, keys: withKeys ? shown.map(keysOf) : [], hasNextPage: rows.length > first };
  };
  if (parents.length === 1) return new Map(found.length === 0 ? [] : [[parent!, pageOf(found)]]);
  const pages = new Map<string, ChildPage<Row>>();
  for (const [id, rows] of groupBy(found, (row) => row.parentId)) pages.set(String(id), pageOf(rows));
  return pages;
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
