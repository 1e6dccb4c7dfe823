import type { FreshNames } from './row-table.js';

export function createFreshNames(): FreshNames {
  let tables = 0;
  let fields = 0;
  return { table: () => `rows_${tables++}`, field: () => `c${fields++}` };
}
