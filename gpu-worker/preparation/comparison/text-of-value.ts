import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { FileColumn } from '../report/reported-file.js';

/** SQL expression of a value's text. Lists have their brackets, so that `['a b']` is not `['a', 'b']`. */
export function textOfValue({ name }: FileColumn, side = ''): string {
  return `CAST(${side}${identifier(name)} AS VARCHAR)`;
}
