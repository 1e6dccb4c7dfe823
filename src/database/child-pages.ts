import DataLoader from 'dataloader';
import type { Query } from '../protocol/sql/query.js';
import { groupBy } from './group-by.js';

/** A column that a list is sorted by, newest (greatest) first, and its PostgreSQL type. */
export interface SortColumn {
  readonly column: string;
  readonly type: 'timestamptz' | 'uuid' | 'int';
}

/**
 * A list that belongs to a parent. All strings are SQL written here in the source, never input.
 * `filter`, if there is one, is a condition that may use $3, which is null when the client gave no filter.
 */
export interface ChildList {
  readonly select: string;
  readonly from: string;
  readonly parent: { readonly column: string; readonly type: 'uuid' };
  readonly sort: readonly SortColumn[];
  readonly direction: 'ASC' | 'DESC';
  readonly filter?: string;
}

export interface ChildPageArgs {
  readonly first: number;
  /** Values of the sort columns of the row to continue after, as text; null: from the beginning. */
  readonly after: readonly string[] | null;
  readonly filter: unknown;
}

export interface ChildPage<Row> {
  readonly rows: readonly Row[];
  /** Of each row the values of the sort columns as text: exact, where a JavaScript Date would lose microseconds. */
  readonly keys: readonly (readonly string[])[];
  readonly hasNextPage: boolean;
}

interface Request extends ChildPageArgs {
  readonly parent: string;
}

export interface ChildPageLoader<Row> {
  readonly sort: readonly SortColumn[];
  page(parent: string, args: ChildPageArgs): Promise<ChildPage<Row>>;
  /** Rows in all pages together. */
  count(parent: string, filter: unknown): Promise<number>;
  /** Forgets what was loaded. */
  clearAll(): void;
}

/**
 * Pages of the same list for many parents, one statement for all that are asked for in one tick with equal arguments:
 * a lateral join runs the index scan with its LIMIT once a parent, inside the server.
 */
export function createChildPageLoader<Row extends object>(query: Query, list: ChildList): ChildPageLoader<Row> {
  const pages = new DataLoader<Request, ChildPage<Row>, string>(
    (requests) =>
      inGroups(
        requests,
        ({ first, after, filter }) => JSON.stringify([first, after, filter]),
        (group) => loadPages<Row>(query, list, group),
      ),
    { cacheKeyFn: JSON.stringify },
  );
  const counts = new DataLoader<Pick<Request, 'parent' | 'filter'>, number, string>(
    (requests) =>
      inGroups(
        requests,
        ({ filter }) => JSON.stringify(filter),
        (group) => loadCounts(query, list, group),
      ),
    { cacheKeyFn: JSON.stringify },
  );
  return {
    sort: list.sort,
    page: (parent, { first, after, filter }) => pages.load({ parent, first, after, filter }),
    count: (parent, filter) => counts.load({ parent, filter }),
    clearAll() {
      pages.clearAll();
      counts.clearAll();
    },
  };
}

async function loadPages<Row extends object>(
  query: Query,
  list: ChildList,
  requests: readonly Request[],
): Promise<ChildPage<Row>[]> {
  const { first, after, filter } = requests[0]!;
  const columns = list.sort.map(({ column }) => column).join(', ');
  const afterIndex = list.filter === undefined ? 3 : 4;
  const afterValues = list.sort.map(({ type }, i) => `$${afterIndex + i}::${type}`).join(', ');
  const conditions = [
    `${list.parent.column} = parents.id`,
    ...(list.filter === undefined ? [] : [`(${list.filter})`]),
    ...(after === null ? [] : [`(${columns}) ${list.direction === 'ASC' ? '>' : '<'} (${afterValues})`]),
  ];
  const order = (names: readonly string[]) => names.map((name) => `${name} ${list.direction}`).join(', ');
  const found = await query<Row & Record<string, unknown>>(
    `SELECT parents.id AS "parentId", children.*
     FROM unnest($1::${list.parent.type}[]) AS parents(id)
     CROSS JOIN LATERAL (
       SELECT ${list.select},
         ${list.sort.map(({ column }, i) => `${column} AS sort${i}, ${column}::text AS key${i}`).join(', ')}
       FROM ${list.from}
       WHERE ${conditions.join(' AND ')}
       ORDER BY ${order(list.sort.map(({ column }) => column))}
       LIMIT $2
     ) AS children
     ORDER BY ${order(list.sort.map((_, i) => `children.sort${i}`))}`,
    [
      requests.map(({ parent }) => parent),
      first + 1,
      ...(list.filter === undefined ? [] : [filter ?? null]),
      ...(after ?? []),
    ],
  );
  const byParent = groupBy(found, (row) => row.parentId);
  return requests.map(({ parent }) => {
    const rows = byParent.get(parent) ?? [];
    const shown = rows.slice(0, first);
    return {
      rows: shown,
      keys: shown.map((row) => list.sort.map((_, i) => String(row[`key${i}`]))),
      hasNextPage: rows.length > first,
    };
  });
}

async function loadCounts(
  query: Query,
  list: ChildList,
  requests: readonly Pick<Request, 'parent' | 'filter'>[],
): Promise<number[]> {
  // $2 is the page's LIMIT elsewhere; here it stands unused, so that a list's filter finds its value in $3 in both.
  const found = await query<{ parentId: string; count: number }>(
    `SELECT ${list.parent.column} AS "parentId", count(*)::float8 AS count
     FROM ${list.from}
     WHERE ${list.parent.column} = ANY($1::${list.parent.type}[]) AND $2::int IS NULL
       ${list.filter === undefined ? '' : `AND (${list.filter})`}
     GROUP BY 1`,
    [requests.map(({ parent }) => parent), null, ...(list.filter === undefined ? [] : [requests[0]?.filter ?? null])],
  );
  const counts = new Map(found.map(({ parentId, count }) => [parentId, count]));
  return requests.map(({ parent }) => counts.get(parent) ?? 0);
}

/** Loads requests that differ only in what `load` takes a list of, group by group; results in the order of requests. */
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
