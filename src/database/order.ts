import { joinSql, type Sql, sourceText, sql } from './sql.js';

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
  /**
   * A way to the first rows after a position that an index leads along; null: there is none in this list, or not from
   * there. Left out: there never is one.
   * @param parentColumn the column that the list's parent is found by
   */
  readonly walk?: (order: Order, after: readonly string[] | null, parentColumn: string) => Walk | null;
}

/** A way along an index, to rows that no other row of the order stands before. */
export interface Walk {
  /** Tables with the aliases that the list's have; null: the list's own, which need no second way without a search. */
  readonly from: Sql | null;
  readonly where: readonly Sql[];
  /** As the order's, with the same values for the rows of this way, in the index's words. */
  readonly sort: readonly SortColumn[];
}

export function orderBy(order: Order, expression: (column: SortColumn, i: number) => string): Sql {
  return sourceText(
    order.sort.map((column, i) => `${expression(column, i)} ${column.direction ?? order.direction}`).join(', '),
  );
}

/**
 * Whether a row comes after the row with these values. Columns of one direction are compared as a row, which lets an
 * index start there; columns of mixed directions are compared one by one.
 */
export function isAfter({ sort, direction }: Order, after: readonly string[]): Sql {
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
