/**
 * What the values of a column are; of lists, what their items are. A list holds no missing item and no list, so that a reader
 * may take `TEXT_LIST` for texts all through.
 */
export type ColumnType =
  | 'TEXT'
  | 'INTEGER'
  | 'FLOAT'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'TEXT_LIST'
  | 'INTEGER_LIST'
  | 'FLOAT_LIST'
  | 'JSON';

/** In the Parquet file of a dataset version. */
export const duckDbTypes = {
  TEXT: 'VARCHAR',
  INTEGER: 'BIGINT',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  TEXT_LIST: 'VARCHAR[]',
  INTEGER_LIST: 'BIGINT[]',
  FLOAT_LIST: 'DOUBLE[]',
  JSON: 'JSON',
} as const satisfies Record<ColumnType, string>;

export function isListType(type: ColumnType): boolean {
  return type === 'TEXT_LIST' || type === 'INTEGER_LIST' || type === 'FLOAT_LIST';
}
