import { expect, test } from 'vitest';
import { KeyLoader } from '../../../src/database/key-loader.js';

function loader() {
  const fetched: (readonly string[])[] = [];
  const made = new KeyLoader<string | null>(async (keys) => {
    fetched.push(keys);
    if (keys.includes('bad')) throw new Error('no connection');
    return new Map(keys.filter((key) => key !== 'absent').map((key) => [key, `value of ${key}`]));
  }, null);
  return { made, fetched };
}

test('keys of one tick are fetched together, each once, whether they come alone or with others', async () => {
  const { made, fetched } = loader();
  const later = Promise.resolve().then(() => made.load('c'));
  const [all, one] = await Promise.all([made.loadAll(['a', 'b', 'a', 'absent']), made.load('b'), later]);
  expect(all).toEqual(['value of a', 'value of b', 'value of a', null]);
  expect(one).toBe('value of b');
  expect(fetched).toEqual([['a', 'b', 'absent', 'c']]);
});

test('what is known is not fetched again until it is cleared', async () => {
  const { made, fetched } = loader();
  await made.load('a');
  expect(await made.loadAll(['b', 'a'])).toEqual(['value of b', 'value of a']);
  expect(fetched).toEqual([['a'], ['b']]);
  made.clear('a');
  await made.loadAll(['a', 'b']);
  expect(fetched).toEqual([['a'], ['b'], ['a']]);
  made.clearAll();
  await made.loadAll(['a', 'b']);
  expect(fetched.at(-1)).toEqual(['a', 'b']);
});

test('a failure is of those who asked for its keys', async () => {
  const { made } = loader();
  await expect(made.loadAll(['a', 'bad'])).rejects.toThrow('no connection');
  expect(await made.loadAll([])).toEqual([]);
  expect(await made.load('b')).toBe('value of b');
  await expect(made.loadAll(['b', 'a'])).rejects.toThrow('no connection');
});
