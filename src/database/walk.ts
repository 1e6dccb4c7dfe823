import { isAfter, type Order, orderBy, type Walk } from './order.js';
import { joinSql, type Sql, sourceText, sql, wholeNumber } from './sql.js';

/** An index of the terms of rows (the function search_terms) within each parent of a list. SQL from the source code. */
export interface TermIndex {
  /** The table, with the alias x. */
  readonly from: string;
  readonly key: string;
  /** The indexed expression. */
  readonly terms: string;
}

/** What rows are searched by: each of them has all of it. */
export interface Search {
  readonly words: readonly string[];
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  /** All conditions of the list, each said of a row by itself: the index only leads to rows that may match. */
  readonly where: readonly Sql[];
}

/**
 * How many rows are looked at along an order's index before the filter's own index is asked. What more than one row in
 * a hundred matches is found there, at the price of what the page reads; an index of terms would first read all of it.
 */
const walkedRows = 2_000;

/** An array, so that the rows are read by their keys whatever the planner expects: it never expects many. */
export function termsCondition({ from, key: found, terms }: TermIndex, key: string, search: Search): Sql {
  const { words, tags, labels } = search;
  return sql`${sourceText(key)} = ANY(ARRAY(
    SELECT ${sourceText(found)} FROM ${sourceText(from)}
     WHERE ${sourceText(terms)} @> search_terms(parents.id, ${words}::text[], ${tags}::text[], ${labels}::text[])))`;
}

/**
 * A page of keys and sort columns: from the rows that come first in the order, if enough of them match, and by the
 * statement `otherwise` if not. Either way it is the same page.
 */
export function walkFirst(options: {
  readonly list: { readonly key: string; readonly from: string };
  readonly isOfParent: Sql;
  readonly where: readonly Sql[];
  readonly order: Order;
  readonly after: readonly string[] | null;
  readonly first: number;
  readonly walk: Walk;
  readonly otherwise: Sql;
}): Sql {
  const { list, isOfParent, where, order, after, first, walk, otherwise } = options;
  const alongIndex = { ...order, sort: walk.sort };
  const conditions = [isOfParent, ...walk.where, ...(after === null ? [] : [isAfter(alongIndex, after)])];
  const matches = where.length === 0 ? sourceText('true') : joinSql(where, ' AND ');
  const sorted = orderBy(order, (_, i) => `sort${i}`);
  return sql`
    WITH walked AS MATERIALIZED (
      SELECT "pageKey", ${sourceText(order.sort.map((_, i) => `sort${i}`).join(', '))} FROM (
        SELECT ${sourceText(`${list.key} AS "pageKey"`)},
          ${sourceText(walk.sort.map(({ column }, i) => `${column} AS sort${i}`).join(', '))}, (${matches}) AS matches
        FROM ${walk.from ?? sourceText(list.from)}
        WHERE ${joinSql(conditions, ' AND ')}
        ORDER BY ${orderBy(alongIndex, ({ column }) => column)}
        LIMIT ${wholeNumber(walkedRows)}) AS near
      WHERE matches ORDER BY ${sorted} LIMIT ${wholeNumber(first + 1)}
    )
    SELECT * FROM walked WHERE (SELECT count(*) FROM walked) > ${first}
    UNION ALL
    SELECT * FROM (${otherwise}) AS found WHERE (SELECT count(*) FROM walked) <= ${first}`;
}
