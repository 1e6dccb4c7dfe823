import { ProblemError } from '../problem-error.js';

/** The problem of an export that does not compute what the trained model does. */
export function failed(file: string, how: string, cause?: unknown): ProblemError {
  return new ProblemError(
    {
      path: ['format'],
      code: 'PARITY_FAILED',
      message: `${file} was written, read back and found wrong: ${how}`,
      hint: 'Nothing of the export is kept. The model itself is as it was: try another format, and report this fault of Attune.',
    },
    { cause },
  );
}
