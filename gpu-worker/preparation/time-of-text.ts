/**
 * SQL expression of the time that a text is, in UTC; null where it is none. Times come as texts from files whose format
 * has no type for them.
 */
export function timeOfText(text: string): string {
  // As a plain time, DuckDB would leave the offset out of account; and a time with a zone, where none is written,
  // would take that of the machine.
  const hasOffset = String.raw`regexp_matches(${text}, ':.*[+-][0-9]{2}(:?[0-9]{2})?\s*$')`;
  const inUtc = `make_timestamp(epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ)))`;
  return `CASE WHEN ${hasOffset} THEN ${inUtc} ELSE TRY_CAST(${text} AS TIMESTAMP) END`;
}
