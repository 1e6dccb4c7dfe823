import { expect, test } from 'vitest';
import { drawOrder } from '../../../src/feedback/draw-order.js';

const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const items = Array.from({ length: 1000 }, (_, i) => `item ${i}`);
const draw = (key: Buffer, itemId: string, repetition = 0, keys: readonly string[] = ['a', 'b']) =>
  drawOrder(keys, { key, seed: 5, itemId, userId: 'somebody', repetition });
const places = (keys: readonly string[], key: Buffer) => items.map((item) => draw(key, item, 0, keys).join(''));

test('the same key draws the same orders, each about as often', () => {
  const keys = ['a', 'b', 'c'];
  const drawn = places(keys, one);
  expect(places(keys, one)).toEqual(drawn);
  const counts = new Map<string, number>();
  for (const order of drawn) counts.set(order, (counts.get(order) ?? 0) + 1);
  expect(counts.size).toBe(6);
  // 1000 / 6, and four standard deviations to each side.
  for (const count of counts.values()) expect(Math.abs(count - 1000 / 6)).toBeLessThan(48);
});

test('without the key, seed, item and person tell nothing of an order', () => {
  const [drawn, guessed] = [places(['a', 'b'], one), places(['a', 'b'], other)];
  const right = drawn.filter((order, i) => order === guessed[i]).length;
  // Half of them, and four standard deviations to each side.
  expect(Math.abs(right - 500)).toBeLessThan(64);
});

test('a repetition of a pair has the sides changed', () => {
  for (const item of items.slice(0, 20)) expect(draw(one, item, 1)).toEqual(draw(one, item).reverse());
});
