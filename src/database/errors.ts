export type DatabaseErrorCode =
  /** PostgreSQL's programs are missing or can't be run. */
  | 'NO_EMBEDDED_SERVER'
  /** The embedded server did not start. */
  | 'START_FAILED'
  /** There is no connection to the server of DATABASE_URL. */
  | 'UNREACHABLE'
  /** The database of DATABASE_URL can't hold every text, or does not know which letters belong together. */
  | 'UNSUITABLE'
  /** Another process runs on the same data folder. */
  | 'HOME_IN_USE'
  /** The server went away while in use. */
  | 'SERVER_LOST';

/** A problem with the database server. The message tells whoever starts Attune what is wrong and what to do. */
export class DatabaseError extends Error {
  constructor(
    readonly code: DatabaseErrorCode,
    message: string,
    readonly hint: string,
  ) {
    super(`${message} ${hint}`);
    this.name = 'DatabaseError';
  }
}
