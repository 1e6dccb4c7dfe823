import { exitCodes } from './exit-codes.js';

/** What a command can't do, as sentences for a person; no fault of the program. */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
    readonly exitCode: number = exitCodes.refused,
  ) {
    super(message);
  }
}

/** The reason of a command's signal after Ctrl-C. */
export class InterruptedError extends Error {
  constructor() {
    super('Interrupted.');
  }
}
