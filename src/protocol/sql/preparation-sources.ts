/**
 * SQL: whether one of the files that a preparation reads has this digest.
 * @param preparation alias of the row in `preparations`
 * @param digest an expression
 */
export function sourcesHold(preparation: string, digest: string): string {
  return `${preparation}.sources @> jsonb_build_array(jsonb_build_object('digest', ${digest}))`;
}
