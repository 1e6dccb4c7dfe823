export type StorageErrorCode = 'NOT_FOUND' | 'DISK_FULL' | 'TOO_LARGE' | 'CORRUPT' | 'IO';

/**
 * A failure with an artifact. `cause` holds the system's error, which must not reach a client because it names paths.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The typed error for a failed system call; a StorageError is returned unchanged. */
export function toStorageError(error: unknown, what: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StorageError('DISK_FULL', `${what}: no space is left on the disk`, { cause: error });
  }
  if (code === 'ENOENT') return new StorageError('NOT_FOUND', `${what}: not found`, { cause: error });
  return new StorageError('IO', `${what}: ${code ?? 'failed'}`, { cause: error });
}

export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
