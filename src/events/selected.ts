/**
 * Those of a feed's values that `accept` wants, each shown to it once and in order. Unlike a generator around the feed, it passes `return()` on
 * at once, also while it waits for a value.
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
