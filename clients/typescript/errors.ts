import type { Problem } from './problem.js';

/** What the client throws, beside the reason of an `AbortSignal` and faults of the program. */
export abstract class AttuneError extends Error {
  abstract readonly code: string;
  /** What would help, if it is known. */
  abstract readonly hint: string | null;
}

/** The server can't be reached, or went away before it had answered, and trying again did not help. */
export class ConnectionError extends AttuneError {
  override readonly name = 'ConnectionError';
  readonly code = 'CONNECTION_LOST';

  constructor(
    message: string,
    readonly hint: string | null,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** An error of GraphQL as the server tells it. */
export interface OperationError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly retryAfterSeconds?: number;
    readonly [name: string]: unknown;
  };
}

/** The server refuses a request: no right, too much, a faulty operation or file, or a fault of its own. */
export class RefusedError extends AttuneError {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly hint: string | null;
  /** Of HTTP; null over a WebSocket. */
  readonly status: number | null;
  /** The request's name in the server's log. */
  readonly requestId: string | null;
  readonly errors: readonly OperationError[];
  /** After how long the same may be asked again; null: the server did not say. */
  readonly retryAfterSeconds: number | null;

  constructor(
    message: string,
    about: {
      readonly code: string;
      readonly hint?: string | null;
      readonly status?: number | null;
      readonly requestId?: string | null;
      readonly errors?: readonly OperationError[];
      readonly retryAfterSeconds?: number | null;
    },
  ) {
    super(message);
    this.code = about.code;
    this.hint = about.hint ?? null;
    this.status = about.status ?? null;
    this.requestId = about.requestId ?? null;
    this.errors = about.errors ?? [];
    this.retryAfterSeconds = about.retryAfterSeconds ?? null;
  }
}

/** A mutation or a plan was refused with typed problems, and nothing was changed. */
export class ProblemsError extends AttuneError {
  override readonly name = 'ProblemsError';
  readonly code: string;
  readonly hint: string | null;

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(sentencesOf).join('\n'));
    this.code = problems[0]?.code ?? 'UNKNOWN';
    this.hint = problems[0]?.hint ?? null;
  }
}

/** With where it is and what would help: a message may be all that is seen of an error. */
function sentencesOf({ path, code, message, hint }: Problem): string {
  const where = path.length > 0 ? ` (at ${path.join('.')})` : '';
  return `${code}${where}: ${message}${hint === null ? '' : ` ${hint}`}`;
}

/** @param requestId of the answer; over a WebSocket null */
export function refusedBy(
  errors: readonly OperationError[],
  answer: {
    readonly status: number | null;
    readonly requestId: string | null;
    readonly retryAfterSeconds?: number | null;
  },
): RefusedError {
  const first = errors[0]?.extensions;
  return new RefusedError(errors.map(({ message }) => message).join('\n'), {
    ...answer,
    code: first?.code ?? 'UNKNOWN',
    errors,
    retryAfterSeconds: answer.retryAfterSeconds ?? first?.retryAfterSeconds ?? null,
  });
}
