import type { FreshNames } from './row-table.js';

export interface CountedNames extends FreshNames {
  /** How many names were given. */
  given(): { readonly tables: number; readonly fields: number };
}

/** @param after how many names were given before */
export function createFreshNames(after = { tables: 0, fields: 0 }): CountedNames {
  let { tables, fields } = after;
  return { table: () => `rows_${tables++}`, field: () => `c${fields++}`, given: () => ({ tables, fields }) };
}
