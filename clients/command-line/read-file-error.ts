import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';

const said: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  ENOTDIR: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder, not a file.`,
  EACCES: (path) => `${path} may not be read by the user who runs this.`,
};

/** What a failed read of a file, which the command line named, is told as. */
export function readFileError(path: string, error: NodeJS.ErrnoException): CommandError {
  const message = said[error.code ?? '']?.(path) ?? `${path} can't be read: ${error.message}`;
  return new CommandError('UNREADABLE_FILE', message, null, exitCodes.usage);
}
