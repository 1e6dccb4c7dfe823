/**
 * A dataset version's Parquet file holds the user's columns plus these two. Rows are ordered by `rowColumn`.
 * User columns of type text are VARCHAR; label columns are read as VARCHAR whatever their type.
 */
export const rowColumn = '__attune_row';
export const splitColumn = '__attune_split';
