/**
 * A generator whose `return()` takes effect at once. A plain async generator that awaits its next value answers
 * `return()` only when that value has come, so a subscription that a client ends would stay until the next event.
 *
 * @param make makes the generator, which must end when its signal is aborted
 */
export function endable<Value>(
  make: (signal: AbortSignal) => AsyncGenerator<Value, void, undefined>,
  signals: readonly AbortSignal[],
): AsyncGenerator<Value, void, undefined> {
  const ended = new AbortController();
  const values = make(AbortSignal.any([ended.signal, ...signals]));
  return {
    next: () => values.next(),
    return(value) {
      ended.abort();
      return values.return(value);
    },
    throw(error) {
      ended.abort();
      return values.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await values.return();
    },
  };
}
