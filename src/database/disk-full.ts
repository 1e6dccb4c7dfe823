/** PostgreSQL's disk_full. The statement's transaction was rolled back. */
export function isDatabaseFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '53100';
}
