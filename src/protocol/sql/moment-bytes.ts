/**
 * SQL of a moment in eight bytes: milliseconds since 1970, as big-endian whole number.
 * @param at the name of a column, or an expression
 */
export function momentBytes(at: string): string {
  return `int8send(floor(1000 * date_part('epoch', ${at}))::bigint)`;
}
