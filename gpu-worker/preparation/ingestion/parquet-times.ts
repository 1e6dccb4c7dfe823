import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';

/** The first time that DuckDB can write; files may have earlier ones, of 64 bits, as marks such as “not a time”. */
const firstTime = "TIMESTAMP '290309-12-22 (BC) 00:00:00'";

/** The first and last times of 64 bits in nanoseconds, to the microsecond: DuckDB takes them for infinite. */
const firstNanosecond = "TIMESTAMP '1677-09-21 00:12:43.145224'";
const lastNanosecond = "TIMESTAMP '2262-04-11 23:47:16.854775'";

/**
 * An SQL expression of a time as TIMESTAMP, in UTC and to the microsecond, which can be cast to text. The first
 * microsecond of 64 bits, and the hours after it, become the second: DuckDB's −infinity.
 *
 * @param type one of DuckDB's types of times with a day
 */
export function asTimestamp(type: DuckDBType, expression: string): string {
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP_NS:
      return `CASE WHEN ${expression} <= TIMESTAMP_NS '-infinity' THEN ${firstNanosecond}
        WHEN ${expression} >= TIMESTAMP_NS 'infinity' THEN ${lastNanosecond} ELSE CAST(${expression} AS TIMESTAMP) END`;
    case DuckDBTypeId.TIMESTAMP_TZ:
      // AT TIME ZONE fails for the first times.
      return `CASE WHEN ${expression} >= TIMESTAMPTZ 'infinity' THEN TIMESTAMP 'infinity'
        WHEN isinf(${expression}) THEN TIMESTAMP '-infinity' ELSE ${writable(`make_timestamp(epoch_us(${expression}))`)} END`;
    default:
      return writable(`CAST(${expression} AS TIMESTAMP)`);
  }
}

function writable(time: string): string {
  return `CASE WHEN ${time} < ${firstTime} THEN TIMESTAMP '-infinity' ELSE ${time} END`;
}
