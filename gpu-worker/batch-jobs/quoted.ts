/** A name as an SQL identifier, whatever characters it holds. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal, for places of a statement that accept no parameter. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
