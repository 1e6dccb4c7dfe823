import { isDatabaseFull } from '../database/disk-full.js';
import { StorageError } from '../storage/storage-error.js';

/** An error that names no path and no SQL. */
interface ErrorForClient {
  readonly code: 'OPERATION_TIMED_OUT' | 'DISK_FULL' | 'MISSING_ARTIFACT';
  readonly message: string;
}

/**
 * What a client, and the operator it asks, can do something about: a statement that took too long, a full disk, a file
 * that is damaged or gone. Null for any other error.
 */
export function errorOfResources(error: unknown): ErrorForClient | null {
  if (error instanceof StorageError) return errorOfStorage(error);
  if (isCancelledStatement(error)) {
    const message = 'A database statement took longer than allowed. Ask for less, in several operations.';
    return { code: 'OPERATION_TIMED_OUT', message };
  }
  if (isDatabaseFull(error)) {
    const message = 'The database has no space left: nothing was changed. Free space on its disk, then try again.';
    return { code: 'DISK_FULL', message };
  }
  return null;
}

/** PostgreSQL's query_canceled, which its statement_timeout raises too. */
function isCancelledStatement(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

function errorOfStorage({ code, message }: StorageError): ErrorForClient | null {
  switch (code) {
    case 'DISK_FULL':
      return { code, message: 'The server has no space left for this. Free space on its disk, then try again.' };
    case 'NOT_FOUND':
    case 'CORRUPT':
      return {
        code: 'MISSING_ARTIFACT',
        message: `A file of the artifact store is ${code === 'CORRUPT' ? 'damaged' : 'missing'} (${message}). Restore it from a backup; the same upload or import, made again, also replaces it.`,
      };
    case 'TOO_LARGE':
    case 'IO':
      return null;
    default:
      return code satisfies never;
  }
}
