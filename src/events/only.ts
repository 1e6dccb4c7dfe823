/**
 * Those of the values that `keeps` lets through. `return()` goes to `values` at once, even while the next value is
 * awaited.
 */
export function only<Value>(
  values: AsyncIterable<Value>,
  keeps: (value: Value) => Promise<boolean>,
): AsyncIterableIterator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const step = await iterator.next();
        if (step.done || (await keeps(step.value))) return step;
      }
    },
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
