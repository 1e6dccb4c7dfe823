import type { Rights } from './live-rights.js';
import { forbidden } from './refusals.js';
import type { Viewer } from './viewer.js';

/**
 * Passes a feed on for as long as its viewer may follow it. Rights are checked before each value and whenever they
 * change: a subscriber that waits for its next value is refused the moment it loses the right.
 */
export function whileAllowed<Value>(
  feed: AsyncIterable<Value>,
  rights: Rights,
  isAllowed: (viewer: Viewer) => boolean,
): AsyncIterableIterator<Value> {
  const source = feed[Symbol.asyncIterator]();
  let refuseWaiting: (error: Error) => void = () => undefined;
  const stopListening = rights.onChange(() => {
    if (!isAllowed(rights.viewer)) refuse();
  });
  const end = async (): Promise<void> => {
    stopListening();
    await source.return?.();
  };
  const refuse = (): void => {
    refuseWaiting(forbidden({ message: 'Your right to follow this has ended.', hint: null }));
    // Ends the source; a value that was still pending is discarded.
    end().catch(() => undefined);
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        refuseWaiting = reject;
        source.next().then((result) => {
          if (!isAllowed(rights.viewer)) {
            refuse();
            return;
          }
          if (result.done === true) stopListening();
          resolve(result);
        }, reject);
      }),
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
