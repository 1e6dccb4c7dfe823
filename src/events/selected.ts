/**
 * The values of a feed that `accept` selects. Each value is shown to `accept` once, in order. Unlike a generator around
 * the feed, this passes `return()` on at once, even while it waits for a value.
 */
export function selected<Value>(
  values: AsyncIterable<Value>,
  accept: (value: Value) => boolean,
): AsyncIterableIterator<Value> {
  const source = values[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const result = await source.next();
        if (result.done === true || accept(result.value)) return result;
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
