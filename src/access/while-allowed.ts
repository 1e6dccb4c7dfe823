import { type Batched, batched, toBatched } from '../events/batched.js';
import type { Rights } from './live-rights.js';
import { forbidden } from './refusals.js';
import type { Viewer } from './viewer.js';

/**
 * Passes a feed on for as long as its viewer may follow it. Rights are checked whenever values are taken and whenever
 * they change: a subscriber that waits for its next value is refused the moment it loses the right.
 */
export function whileAllowed<Value>(
  feed: AsyncIterable<Value>,
  rights: Rights,
  isAllowed: (viewer: Viewer) => boolean,
): Batched<Value> {
  const source = toBatched(feed);
  let refusal: Error | null = null;
  let wakeTaker: () => void = () => undefined;
  const stopListening = rights.onChange(() => {
    if (isAllowed(rights.viewer)) return;
    refuse();
    wakeTaker();
  });
  const end = async (): Promise<void> => {
    stopListening();
    await source.end();
  };
  const refuse = (): void => {
    if (refusal !== null) return;
    refusal = forbidden({ message: 'Your right to follow this has ended.', hint: null });
    // Ends the source; a value that was still pending is discarded.
    end().catch(() => undefined);
  };

  return batched({
    take(most, wake) {
      wakeTaker = wake;
      if (refusal === null && !isAllowed(rights.viewer)) refuse();
      if (refusal !== null) throw refusal;
      const taken = source.take(most, wake);
      if (taken === 'ended') stopListening();
      return taken;
    },
    end,
  });
}
