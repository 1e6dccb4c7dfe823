/**
 * What a caught value says: an error's message; the text of a value that is no error, which JavaScript can throw as
 * well.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
