import { expect, test } from 'vitest';
import { type Batched, batched, toBatched } from '../../../src/events/batched.js';
import { selected } from '../../../src/events/selected.js';

/** A feed of what is pushed. */
function pushed() {
  const values: number[] = [];
  let wakeTaker: () => void = () => undefined;
  let state: 'open' | 'ended' | Error = 'open';
  const feed = batched<number>({
    take(most, wake) {
      wakeTaker = wake;
      if (values.length > 0) return values.splice(0, most);
      if (state instanceof Error) throw state;
      return state === 'ended' ? 'ended' : 'waiting';
    },
    async end() {
      state = 'ended';
      values.length = 0;
      wakeTaker();
    },
  });
  const change = (act: () => void): void => {
    act();
    wakeTaker();
  };
  return {
    feed,
    push: (...more: number[]) => change(() => values.push(...more)),
    fail: (error: Error) =>
      change(() => {
        state = error;
      }),
  };
}

test('gives what is there, and says when more may be', () => {
  const { feed, push } = pushed();
  let wakes = 0;
  const take = (most: number) => feed.take(most, () => (wakes += 1));
  expect(take(2)).toBe('waiting');
  push(1, 2, 3);
  expect(wakes).toBe(1);
  expect(take(2)).toEqual([1, 2]);
  expect(take(2)).toEqual([3]);
  expect(take(2)).toBe('waiting');
});

test('calls of next() are answered in order, from where take() stands', async () => {
  const { feed, push } = pushed();
  push(1, 2, 3);
  expect(feed.take(1, () => undefined)).toEqual([1]);
  const [second, third, fourth] = [feed.next(), feed.next(), feed.next()];
  push(4);
  const values = await Promise.all([second, third, fourth]);
  expect(values.map(({ value }) => value)).toEqual([2, 3, 4]);
});

test('return() answers who waits', async () => {
  const { feed } = pushed();
  const waiting = feed.next();
  expect(await feed.return()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(feed.take(1, () => undefined)).toBe('ended');
});

test('what ends a feed is thrown at who waits', async () => {
  const { feed, fail } = pushed();
  const waiting = feed.next();
  fail(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
});

test('selected values come in batches too, and a batch of none is passed over', () => {
  const { feed, push } = pushed();
  const even = selected(feed, (value) => value % 2 === 0);
  push(1, 3, 5, 2, 4, 7);
  const take = () => even.take(3, () => undefined);
  expect(take()).toEqual([2, 4]);
  expect(take()).toBe('waiting');
});

/** The values of a feed, taken as a delivery takes them. */
function taken<Value>(feed: Batched<Value>): Promise<Value[]> {
  const all: Value[] = [];
  return new Promise((resolve, reject) => {
    const go = (): void => {
      for (;;) {
        let batch: ReturnType<typeof feed.take>;
        try {
          batch = feed.take(10, go);
        } catch (error) {
          reject(error);
          return;
        }
        if (batch === 'waiting') return;
        if (batch === 'ended') {
          resolve(all);
          return;
        }
        all.push(...batch);
      }
    };
    go();
  });
}

test('any other feed is taken from, value by value', async () => {
  const asked: number[] = [];
  async function* counting() {
    for (let value = 1; value <= 3; value += 1) {
      asked.push(value);
      yield value;
    }
  }
  const feed = toBatched(counting());
  expect(asked).toEqual([]);
  expect(await taken(feed)).toEqual([1, 2, 3]);
  expect(toBatched(feed)).toBe(feed);
});

test('what another feed throws is thrown once, after what came before', async () => {
  async function* failing() {
    yield 1;
    throw new Error('gone');
  }
  const feed = toBatched(failing());
  expect((await feed.next()).value).toBe(1);
  await expect(feed.next()).rejects.toThrow('gone');
  expect((await feed.next()).done).toBe(true);
});

test('ending another feed ends its source', async () => {
  let ended = false;
  const source: AsyncIterableIterator<number> = {
    next: () => new Promise(() => undefined),
    return: async () => {
      ended = true;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const feed = toBatched(source);
  const waiting = feed.next();
  await feed.end();
  expect(ended).toBe(true);
  expect((await waiting).done).toBe(true);
});
