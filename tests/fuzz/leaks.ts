/** What no answer may hold: where code lies, what the database said, what only the server knows. */
const patterns: readonly RegExp[] = [
  /node_modules/,
  /\bat (async )?[\w.<>]+ \(?(file:|node:|\/)/,
  /\.(ts|js|mjs):\d+/,
  /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) [\w"*(].*\b(FROM|VALUES|SET|WHERE)\b/s,
  /\b(relation|column|constraint|operator|function) "?[\w.]+"? (does not exist|of relation)/,
  /syntax error at or near|invalid input syntax|duplicate key value|violates [\w-]+ constraint|out of range for type/,
  /invalid byte sequence|unsupported Unicode escape/,
  /\b(QueryFailedError|TypeError|ReferenceError|RangeError|ENOENT|ECONNREFUSED|EACCES)\b/,
  /Cannot read propert|is not a function|is not iterable|[\w)] is not defined|Maximum call stack/,
  /postgres(ql)?:\/\//,
];

/**
 * The first sign of a leak in an answer, null when there is none. `secrets`: folders, URLs and keys of this very
 * server.
 */
export function leakIn(body: string, secrets: readonly string[]): string | null {
  for (const secret of secrets) if (body.includes(secret)) return secret;
  for (const pattern of patterns) {
    const found = body.match(pattern);
    if (found) return found[0];
  }
  return null;
}
