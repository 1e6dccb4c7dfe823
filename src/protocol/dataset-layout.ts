/**
 * A dataset version's Parquet file holds the user's columns plus these two. Rows are ordered by `rowColumn`.
 * User columns of type text are VARCHAR; label columns are read as VARCHAR whatever their type, from the column of
 * their texts if there is one.
 */
export const rowColumn = '__attune_row';
export const splitColumn = '__attune_split';

const textPrefix = '__attune_text:';

/**
 * The column with the texts of a user's column of numbers, flags or times. Classes are named by them: `3.10` is not the
 * class `3.1`, though the numbers are equal. A file has it only where a text is not that of `CAST(value AS VARCHAR)`;
 * files that are older than these columns have none.
 */
export function textColumnOf(column: string): string {
  return `${textPrefix}${column}`;
}

/** Whether a column is one of texts beside a user's column. SQL does not distinguish names by case. */
export function isTextColumn(column: string): boolean {
  return column.toLowerCase().startsWith(textPrefix);
}
