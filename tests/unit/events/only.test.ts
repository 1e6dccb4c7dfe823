import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endable } from '../../../src/events/endable.js';
import { only } from '../../../src/events/only.js';

test('lets through what is kept, and ends at once, even while it waits', async () => {
  const values = endable<number>(async function* (ended) {
    yield* [1, 2, 3, 4];
    await once(ended, 'abort');
  }, []);
  const odd = only(values, async (value) => value % 2 === 1);
  expect(await odd.next()).toEqual({ done: false, value: 1 });
  expect(await odd.next()).toEqual({ done: false, value: 3 });
  const waiting = odd.next();
  expect(await odd.return!()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
});
