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
  return new BatchedFeed(source);
}

/** A class, because an idle subscription has several of these, and functions of their own take a kilobyte each time. */
class BatchedFeed<Value> implements Batched<Value> {
  /** The last of the calls of `next`, which are answered one after the other. */
  private last: Promise<unknown> | null = null;

  constructor(private readonly source: Pick<Batched<Value>, 'take' | 'end'>) {}

  take(most: number, wake: () => void): Taken<Value> {
    return this.source.take(most, wake);
  }

  end(): Promise<void> {
    return this.source.end();
  }

  next(): Promise<IteratorResult<Value, void>> {
    const result = (this.last ?? Promise.resolve()).then(() => this.one());
    this.last = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<IteratorResult<Value, void>> {
    await this.source.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.source.end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.source.end();
  }

  private one(): Promise<IteratorResult<Value, void>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const taken = this.source.take(1, look);
          if (taken === 'ended') resolve({ done: true, value: undefined });
          else if (taken !== 'waiting') resolve({ done: false, value: taken[0]! });
        } catch (error) {
          reject(error);
        }
      };
      look();
    });
  }
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
