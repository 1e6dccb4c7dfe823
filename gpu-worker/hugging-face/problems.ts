import { SafetensorsError } from '../../src/storage/safetensors-header.js';
import { StorageError, systemErrorCode } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';

/** Lines that a message lists before it says how many more there are. */
const maxListed = 12;

/** The problem of a model with something that Attune does not read: an architecture, an option, a format of files. */
export function unsupported(message: string, hint: string | null = null): ProblemError {
  return problem('UNSUPPORTED_MODEL', message, hint);
}

/** The problem of a model whose files are damaged, or do not fit together. */
export function invalidModel(message: string, hint: string | null = null, cause?: unknown): ProblemError {
  return problem('INVALID_MODEL', message, hint, cause);
}

export function problem(code: string, message: string, hint: string | null = null, cause?: unknown): ProblemError {
  return new ProblemError({ path: ['source'], code, message, hint }, { cause });
}

/** A message of several lines: “what:”, then the findings, of which only the first are shown when there are many. */
export function listed(what: string, findings: readonly string[]): string {
  const shown = findings.slice(0, maxListed);
  const rest = findings.length - shown.length;
  return [`${what}:`, ...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

/** An error of reading or writing files as the problem its user will read; anything else stays as it is. */
export function asProblem(error: unknown, file: string): unknown {
  if (error instanceof SafetensorsError) {
    return error.code === 'UNSUPPORTED_DTYPE'
      ? unsupported(`${file}: ${error.message}`)
      : invalidModel(`${file} is damaged: ${error.message}`, 'Copy or download it again; it may be incomplete.', error);
  }
  if (error instanceof StorageError && error.code === 'DISK_FULL') return diskFull(error);
  const code = systemErrorCode(error instanceof StorageError ? error.cause : error);
  if (code === 'EACCES' || code === 'EPERM') {
    return problem('ACCESS_DENIED', `the worker may not read ${file}`, null, error);
  }
  if (code === 'EIO') return problem('INVALID_MODEL', `${file} cannot be read: the disk reports a fault`, null, error);
  return error;
}

/**
 * An error of reading a file of an imported model as the problem its user will read. Messages of the system hold paths
 * of the worker's machine; the problem has the file's name in the model in their place.
 */
export function asFileProblem(error: unknown, file: string, isRemote: boolean): unknown {
  const path = isRemote ? ['source'] : ['source', 'path'];
  switch (systemErrorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP': {
      const hint = isRemote
        ? 'Start the import again.'
        : 'Copy or download the whole model again, and leave its folder as it is while it is imported.';
      return new ProblemError(
        { path, code: 'INVALID_MODEL', message: `${file} is not there any more`, hint },
        { cause: error },
      );
    }
    case 'EACCES':
    case 'EPERM':
      return mayNotRead(file, path, error);
    default:
      return asProblem(error, file);
  }
}

/** `what`: a folder, or a file of one. */
export function mayNotRead(what: string, path: string[], cause: unknown): ProblemError {
  return new ProblemError(
    {
      path,
      code: 'ACCESS_DENIED',
      message: `the worker may not read ${what}`,
      hint: 'Let the system user that the worker runs as read the folder and all that is in it.',
    },
    { cause },
  );
}

function diskFull(cause: unknown): ProblemError {
  return new ProblemError(
    {
      path: [],
      code: 'DISK_FULL',
      message: 'the disk is full',
      hint: 'Make room where ATTUNE_HOME lies, and start again.',
    },
    { cause },
  );
}

/** “1.34 GB”, or smaller units. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
}
