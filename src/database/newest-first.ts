import type { Order } from './child-pages.js';

/**
 * The order of most lists: by creation, rows of the same moment by id.
 * @param table the table's alias in the list's SQL
 */
export function newestFirst(table: string): Pick<Order, 'sort' | 'direction'> {
  return {
    sort: [
      { column: `${table}.created_at`, type: 'timestamptz' },
      { column: `${table}.id`, type: 'uuid' },
    ],
    direction: 'DESC',
  };
}
