/**
 * A dataset version's Parquet file holds the user's columns plus these two. Rows are ordered by `rowColumn`.
 * User columns of type text are VARCHAR; label columns are read as VARCHAR whatever their type, from the column of
 * their texts if there is one.
 */
export const rowColumn = '__attune_row';
export const splitColumn = '__attune_split';

/** The kind of the step that made a row, and the row that it was made from. A file has them where it has such rows. */
export const madeByColumn = '__attune_made_by';
export const sourceRowColumn = '__attune_source_row';

const textPrefix = '__attune_text:';

/**
 * The column with the texts of a user's column of numbers, flags or times. Classes are named by them: `3.10` is not the
 * class `3.1`, though the numbers are equal. A file has it only where a text is not that of `CAST(value AS VARCHAR)`;
 * files that are older than these columns have none.
 */
export function textColumnOf(column: string): string {
  return `${textPrefix}${column}`;
}

const ownColumns: readonly string[] = [rowColumn, splitColumn, madeByColumn, sourceRowColumn];

/** Whether a column is none of the user's. SQL does not distinguish names by case. */
export function isSystemColumn(column: string): boolean {
  const name = column.toLowerCase();
  return ownColumns.includes(name) || name.startsWith(textPrefix);
}
