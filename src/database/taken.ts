/** Whether a statement failed because another row has a value that must be unique (SQLSTATE unique_violation). */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
