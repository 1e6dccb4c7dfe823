import { CommanderError } from 'commander';
import { type AttuneError, ConnectionError, type Problem, ProblemsError, RefusedError } from '../typescript/index.js';
import { CommandError, InterruptedError } from './command-error.js';
import { exitCodes } from './exit-codes.js';

/** An error as people and scripts are told it. */
export interface ToldError {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly problems: readonly Problem[];
}

/** Null: the parser has said it already, or there is nothing to say. */
export function toldError(error: unknown): ToldError | { readonly exitCode: number; readonly message: null } {
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage, message: null };
  }
  if (error instanceof InterruptedError) return { exitCode: exitCodes.interrupted, message: null };
  if (error instanceof CommandError) return { ...of(error), exitCode: error.exitCode };
  if (error instanceof ProblemsError) return { ...of(error), exitCode: exitCodes.refused, problems: error.problems };
  if (error instanceof ConnectionError) return { ...of(error), exitCode: exitCodes.connection };
  if (error instanceof RefusedError) return { ...of(error), hint: hintOf(error), exitCode: exitCodes.refused };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    exitCode: exitCodes.refused,
    code: typeof code === 'string' ? code : 'UNEXPECTED',
    message: typeof message === 'string' ? message : String(error),
    hint: null,
    problems: [],
  };
}

function of(error: AttuneError | CommandError): Omit<ToldError, 'exitCode'> {
  return { code: error.code, message: error.message, hint: error.hint, problems: [] };
}

function hintOf({ code, hint, retryAfterSeconds, requestId, status }: RefusedError): string | null {
  if (hint !== null) return hint;
  if (code === 'UNAUTHENTICATED') return 'Sign in with attune login, or set ATTUNE_API_KEY.';
  if (retryAfterSeconds !== null) return `Try again in ${retryAfterSeconds} s.`;
  if (code === 'INTERNAL_SERVER_ERROR' || (status ?? 0) >= 500) {
    return requestId === null ? null : `The server's log has it under the request ${requestId}.`;
  }
  return null;
}

/** Sentences, one a line: each problem with where it is, and what would help. */
export function errorText({ message, hint, problems }: ToldError): string {
  if (problems.length === 0) return [message, hint].filter(Boolean).join('\n');
  return problems
    .map((problem) => {
      const where = problem.path.length === 0 ? '' : ` (at ${problem.path.join('.')})`;
      return [`${problem.message}${where}`, problem.hint].filter(Boolean).join('\n');
    })
    .join('\n');
}
