import { type Batched, batched, toBatched } from './batched.js';

/**
 * The values of a feed that `accept` selects. Each value is shown to `accept` once, in order. Unlike a generator around
 * the feed, this passes `return()` on at once, even while it waits for a value.
 */
export function selected<Value>(values: AsyncIterable<Value>, accept: (value: Value) => boolean): Batched<Value> {
  const source = toBatched(values);
  return batched({
    take(most, wake) {
      for (;;) {
        const taken = source.take(most, wake);
        if (taken === 'waiting' || taken === 'ended') return taken;
        const accepted = taken.filter(accept);
        if (accepted.length > 0) return accepted;
      }
    },
    end: () => source.end(),
  });
}
