/** Causes are followed to this depth. */
const maxCauses = 4;

/**
 * What the log keeps of an error: its name, message, stack, code and statement, and its causes. The log does not keep
 * the values of a failed statement or the row that broke a constraint, which the database's driver adds to its errors:
 * they may be secrets, or texts of somebody's data.
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
