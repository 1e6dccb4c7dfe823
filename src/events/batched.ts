/** What a feed has now: values; or none, until it calls `wake`; or none any more. */
export type Taken<Value> = readonly Value[] | 'waiting' | 'ended';

/**
 * A feed that hands out the values that are there, many at a time and without a promise for each: what thousands of
 * subscribers wait for costs each of them a call. `next()` and `take()` go on from the same position.
 */
export interface Batched<Value> extends AsyncGenerator<Value, void, undefined> {
  /**
   * The next values, at most `most` and at least one. Where it says `waiting`, it calls `wake` when a call may find
   * more, unless there was another call before; `wake` may find nothing all the same. Throws what ended the feed, once.
   */
  take(most: number, wake: () => void): Taken<Value>;
  /** Ends the feed at once: whoever waits is woken. Resolves when its source has ended. */
  end(): Promise<void>;
}

/** Makes a feed of its `take` and `end`. */
export function batched<Value>(source: Pick<Batched<Value>, 'take' | 'end'>): Batched<Value> {
  const one = (): Promise<IteratorResult<Value, void>> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const taken = source.take(1, look);
          if (taken === 'ended') resolve({ done: true, value: undefined });
          else if (taken !== 'waiting') resolve({ done: false, value: taken[0]! });
        } catch (error) {
          reject(error);
        }
      };
      look();
    });
  /** The last of the calls of `next`, which are answered one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (most, wake) => source.take(most, wake),
    end: () => source.end(),
    next() {
      const result = last.then(one);
      last = result.catch(() => undefined);
      return result;
    },
    async return() {
      await source.end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await source.end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => source.end(),
  };
}

function isBatched<Value>(values: AsyncIterable<Value>): values is Batched<Value> {
  return 'take' in values && typeof values.take === 'function';
}

/** Any feed as one to take from. Of one that gives value after value, the next is asked for by the next `take`. */
export function toBatched<Value>(values: AsyncIterable<Value>): Batched<Value> {
  if (isBatched(values)) return values;
  const iterator = values[Symbol.asyncIterator]();
  let came: { readonly value: Value } | { readonly error: unknown } | null = null;
  let isAsked = false;
  let isOver = false;
  let wakeTaker: () => void = () => undefined;

  const ask = (): void => {
    isAsked = true;
    iterator.next().then(
      (result) => {
        isAsked = false;
        if (result.done === true) isOver = true;
        else came = { value: result.value };
        wakeTaker();
      },
      (error: unknown) => {
        isAsked = false;
        came = { error };
        wakeTaker();
      },
    );
  };
  return batched({
    take(_most, wake) {
      if (isOver) return 'ended';
      wakeTaker = wake;
      if (came !== null) {
        const found = came;
        came = null;
        if ('value' in found) return [found.value];
        isOver = true;
        throw found.error;
      }
      if (!isAsked) ask();
      return 'waiting';
    },
    async end() {
      isOver = true;
      wakeTaker();
      await iterator.return?.();
    },
  });
}
