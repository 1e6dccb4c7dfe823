/** What DuckDB may hold in memory of a job that prepares data, in MB; more is on disk. */
export const dataMemoryMb = 1024;
