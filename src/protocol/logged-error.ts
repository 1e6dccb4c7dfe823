/** How deep causes are followed. */
const maxCauses = 4;

/**
 * What the log has of an error: its words, where it was thrown, and what caused it. Not the values of a statement that
 * failed, nor the row that broke a constraint, which the database's driver adds to its errors: they may be secrets, or
 * texts of somebody's data.
 */
export function toLoggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  const query = 'query' in error ? { query: error.query } : {};
  const inner = cause ?? ('driverError' in error ? error.driverError : undefined);
  const caused = inner === undefined || depth >= maxCauses ? {} : { cause: toLoggedError(inner, depth + 1) };
  return { type: name, message, stack, ...code, ...query, ...caused };
}
