export const columnTypes = [
  'TEXT',
  'INTEGER',
  'FLOAT',
  'BOOLEAN',
  'TIMESTAMP',
  'TEXT_LIST',
  'INTEGER_LIST',
  'FLOAT_LIST',
  'JSON',
] as const;

/**
 * The type of a column's values; for lists, the type of their items. A list holds neither missing items nor lists, so
 * that every item of a `TEXT_LIST` is a text.
 */
export type ColumnType = (typeof columnTypes)[number];

/** The types in the Parquet file of a dataset version. */
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
