import DataLoader from 'dataloader';
import type { Query } from '../protocol/sql/query.js';
import { groupBy } from './group-by.js';
import { joinSql, type Sql, sourceText, sql, toStatement } from './sql.js';

/** A column or expression that a list is sorted by, never NULL or NaN (see `lastWithout`), with its PostgreSQL type. */
export interface SortColumn {
  readonly column: string;
  readonly type: 'timestamptz' | 'interval' | 'uuid' | 'int' | 'bigint' | 'float8' | 'text';
  /** Only where it differs from the order's direction. */
  readonly direction?: Direction;
}

export type Direction = 'ASC' | 'DESC';

/** A total order: its last column is unique in the list. */
export interface Order {
  readonly sort: readonly SortColumn[];
  readonly direction: Direction;
  /** A join to the list's tables for sorting, with at most one row for each row of the list. */
  readonly join?: Sql;
}

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
}

/** A selection of a list's rows, and their order. */
export interface Listing {
  /** Conditions that must all hold. Default: none. */
  readonly where?: readonly Sql[];
  /** Default: the list's own order. */
  readonly order?: Order;
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

interface Request extends ChildPageArgs {
  readonly parent: string;
  /** What tells the arguments from others, whatever the parent. */
  readonly args: string;
}

type CountRequest = Pick<Request, 'parent' | 'where'>;

export interface ChildPageLoader<Row> {
  /** What tells the list from others, whatever its parent. */
  readonly name: string;
  readonly order: Order;
  page(parent: string, args: ChildPageArgs): Promise<ChildPage<Row>>;
  /** How many rows the list has in all. */
  count(parent: string, where?: readonly Sql[]): Promise<number>;
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
  const pages = new DataLoader<Request, ChildPage<Row>, string>(
    (requests) =>
      inGroups(
        requests,
        ({ args }) => args,
        (group) => loadPages<Row>(query, list, group),
      ),
    { cacheKeyFn: ({ parent, args }) => `${parent} ${args}` },
  );
  const counts = new DataLoader<CountRequest, number, string>(
    (requests) =>
      inGroups(
        requests,
        ({ where }) => JSON.stringify(where),
        (group) => loadCounts(query, list, group),
      ),
    { cacheKeyFn: JSON.stringify },
  );
  return {
    name: `${list.from} BY ${list.parent.column}`,
    order: { sort: list.sort, direction: list.direction, ...(list.join === undefined ? {} : { join: list.join }) },
    page(parent, { first, after, where = [], order = list, select = null, withKeys = true }) {
      const { sort, direction, join } = order;
      const args = JSON.stringify([first, after, where, sort, direction, join, select, withKeys]);
      return pages.load({ parent, args, first, after, where, order, select, withKeys });
    },
    count: (parent, where = []) => counts.load({ parent, where }),
    clearAll() {
      pages.clearAll();
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

async function loadPages<Row extends object>(
  query: Query,
  list: ChildList,
  requests: readonly Request[],
): Promise<ChildPage<Row>[]> {
  const { first, after, where = [], order = list, select = null, withKeys = true } = requests[0]!;
  const conditions = [
    sql`${sourceText(list.parent.column)} = parents.id`,
    ...where.map((condition) => sql`(${condition})`),
    ...(after === null ? [] : [isAfter(order, after)]),
  ];
  // Few columns are read at once; all of them only for the rows of the page.
  const key = select === null ? list.key : undefined;
  const page = sql`
       SELECT ${sourceText(key === undefined ? (select ?? list.select) : `${key} AS "pageKey"`)},
         ${sourceText(order.sort.map(({ column }, i) => `${column} AS sort${i}`).join(', '))}
       FROM ${sourceText(list.from)} ${order.join ?? sourceText('')}
       WHERE ${joinSql(conditions, ' AND ')}
       ORDER BY ${orderBy(order, ({ column }) => column)}
       LIMIT ${first + 1}`;
  const children =
    key === undefined
      ? page
      : sql`SELECT ${sourceText(list.select)}, page.* FROM ${sourceText(list.from)}
              JOIN (${page}) AS page ON page."pageKey" = ${sourceText(key)}`;
  const keys = withKeys ? order.sort.map((_, i) => `, children.sort${i}::text AS key${i}`).join('') : '';
  const statement = toStatement(sql`
    SELECT parents.id AS "parentId", children.*${sourceText(keys)}
     FROM unnest(${requests.map(({ parent }) => parent)}::${sourceText(list.parent.type)}[]) AS parents(id)
     CROSS JOIN LATERAL (${children}) AS children
     ORDER BY ${orderBy(order, (_, i) => `children.sort${i}`)}`);
  const found = await query<Row & Record<string, unknown>>(statement.text, statement.parameters);
  const byParent = groupBy(found, (row) => row.parentId);
  return requests.map(({ parent }) => {
    const rows = byParent.get(parent) ?? [];
    const shown = rows.slice(0, first);
    return {
      rows: shown,
      keys: !withKeys ? [] : shown.map((row) => order.sort.map((_, i) => String(row[`key${i}`]))),
      hasNextPage: rows.length > first,
    };
  });
}

function orderBy(order: Order, expression: (column: SortColumn, i: number) => string): Sql {
  return sourceText(
    order.sort.map((column, i) => `${expression(column, i)} ${column.direction ?? order.direction}`).join(', '),
  );
}

/**
 * Whether a row comes after the row with these values. Columns of one direction are compared as a row, which lets an
 * index start there; columns of mixed directions are compared one by one.
 */
function isAfter({ sort, direction }: Order, after: readonly string[]): Sql {
  const values = sort.map(({ type }, i) => sql`${after[i]}::${sourceText(type)}`);
  const comparison = (column: SortColumn) => ((column.direction ?? direction) === 'ASC' ? '>' : '<');
  if (sort.every((column) => (column.direction ?? direction) === direction)) {
    const columns = sort.map(({ column }) => column).join(', ');
    return sql`(${sourceText(columns)}) ${sourceText(comparison(sort[0]!))} (${joinSql(values, ', ')})`;
  }
  return sort.reduceRight<Sql | null>((rest, column, i) => {
    const [name, compare, value] = [sourceText(column.column), sourceText(comparison(column)), values[i]!];
    if (rest === null) return sql`${name} ${compare} ${value}`;
    return sql`(${name} ${compare}= ${value} AND (${name} ${compare} ${value} OR ${rest}))`;
  }, null)!;
}

async function loadCounts(query: Query, list: ChildList, requests: readonly CountRequest[]): Promise<number[]> {
  const conditions = [
    sql`${sourceText(list.parent.column)} = ANY(${requests.map(({ parent }) => parent)}::${sourceText(list.parent.type)}[])`,
    ...(requests[0]?.where ?? []).map((condition) => sql`(${condition})`),
  ];
  const statement = toStatement(sql`
    SELECT ${sourceText(list.parent.column)} AS "parentId", count(*)::float8 AS count
     FROM ${sourceText(list.from)}
     WHERE ${joinSql(conditions, ' AND ')}
     GROUP BY 1`);
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
