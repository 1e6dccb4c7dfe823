import { systemErrorCode } from '../../../src/storage/storage-error.js';
import { ProblemError } from '../../problem-error.js';
import type { HubSettings } from './hub-settings.js';

/** A request that the hub answered with an error, or did not answer. */
export type HubFailure =
  | { readonly kind: 'status'; readonly status: number; readonly errorCode: string | null }
  | { readonly kind: 'network'; readonly cause: unknown };

/** Whether another try may help. */
export function isTransient(failure: HubFailure): boolean {
  if (failure.kind === 'network') return !isNoRequest(failure.cause);
  return failure.status === 408 || failure.status === 429 || failure.status >= 500;
}

/**
 * The problem that a failure means for the user.
 * @param what a repository, or a file of one
 */
export function hubProblem(
  failure: HubFailure,
  { endpoint, token, keepsFiles = true }: Pick<HubSettings, 'endpoint' | 'token' | 'keepsFiles'>,
  what: string,
): ProblemError {
  const hasToken = token !== null;
  if (failure.kind === 'network' && isNoRequest(failure.cause)) {
    // The cause is left out: see isNoRequest.
    return hubError(
      'HUB_UNAVAILABLE',
      [],
      `${new URL(endpoint).host} can not be reached: the worker’s settings make no valid request`,
      'Check HF_TOKEN, which must be one line of visible ASCII characters, and HF_ENDPOINT.',
    );
  }
  if (failure.kind === 'network') {
    return hubError(
      'HUB_UNAVAILABLE',
      [],
      `${new URL(endpoint).host} cannot be reached, or the connection broke off repeatedly (${reasonOf(failure.cause)})`,
      `Check the worker’s network, or set HF_ENDPOINT to a hub that it can reach. ${keepsFiles ? 'Downloaded files are kept; a new import continues from there.' : 'Then inspect the model again.'}`,
      failure.cause,
    );
  }
  const { status, errorCode } = failure;
  if (errorCode === 'RevisionNotFound') {
    return hubError('NOT_FOUND', ['source', 'revision'], `${what} has no such branch, tag or commit`, null);
  }
  if (errorCode === 'GatedRepo') {
    return hubError(
      'ACCESS_DENIED',
      ['source', 'repository'],
      `${what} is gated: its owners ask to accept their terms first`,
      'Accept them on the repository’s page, and give the worker a token of that account as HF_TOKEN.',
    );
  }
  // The hub answers 401 both for a private repository without access and for a repository that does not exist.
  if (status === 404 || errorCode === 'RepoNotFound') {
    return hubError(
      'NOT_FOUND',
      ['source', 'repository'],
      `${what} does not exist on ${new URL(endpoint).host}, or is private`,
      hasToken
        ? 'Check the name, and the rights of the token in HF_TOKEN.'
        : 'Check the name; a private repository needs a token in HF_TOKEN.',
    );
  }
  if (status === 401 || status === 403) {
    return hubError(
      'ACCESS_DENIED',
      ['source', 'repository'],
      `${new URL(endpoint).host} refuses access to ${what} (${status})`,
      hasToken
        ? 'The token in HF_TOKEN is not valid, or has no access to the repository.'
        : 'Give the worker a token as HF_TOKEN.',
    );
  }
  return hubError(
    'HUB_UNAVAILABLE',
    [],
    `${new URL(endpoint).host} answers ${status} for ${what}`,
    isTransient(failure) ? `Try again later${keepsFiles ? ': downloaded files are kept' : ''}.` : null,
  );
}

export function hubError(
  code: string,
  path: string[],
  message: string,
  hint: string | null,
  cause?: unknown,
): ProblemError {
  return new ProblemError({ path, code, message, hint }, { cause });
}

/**
 * Whether fetch refused to send the request, because of an impossible header or URL. The message of such an error
 * quotes the header, and so the token: it must not be passed on. A failed connection is a TypeError too, but with its
 * reason as the cause.
 */
function isNoRequest(error: unknown): boolean {
  return error instanceof TypeError && error.cause === undefined && systemErrorCode(error) === undefined;
}

/** The system's code, such as `ECONNREFUSED`: fetch's own messages say nothing. */
function reasonOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return error instanceof Error && !isNoRequest(error) ? error.message : 'failed';
}
