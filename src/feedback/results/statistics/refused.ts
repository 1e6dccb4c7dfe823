/** What is asked for can not be computed, for a reason that the client is told. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    /** What of the request is wrong; empty: all of it. */
    readonly path: readonly string[],
    readonly code: 'TOO_LARGE' | 'TOO_LONG' | 'NOT_FOUND' | 'INVALID_VALUE',
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

/** Probabilities of labels that are held at once, of 8 bytes each; Dawid and Skene's model holds as many once more. */
const mostProbabilities = 25_000_000;

/** Votes that a model is fitted to at once. */
const mostVotes = 4_000_000;

/** Refuses what has too many probabilities, units · categories, or votes. */
export function requireRoom(
  what: { readonly units: number; readonly categories: number; readonly votes: number },
  path: readonly string[],
  hint: string,
): void {
  const { units, categories, votes } = what;
  if (votes > mostVotes) {
    const message = `${votes} votes are too many for a model of how people err: it is fitted to at most ${mostVotes}.`;
    throw new RefusedError(path, 'TOO_LARGE', message, hint);
  }
  if (units * categories <= mostProbabilities) return;
  const message = `${units} units with ${categories} categories have ${units * categories} probabilities; at most ${mostProbabilities} are computed.`;
  throw new RefusedError(path, 'TOO_LARGE', message, hint);
}
