import { expect, test } from 'vitest';
import { drawKeys } from '../../../src/feedback/draw-keys.js';
import type { FeedbackValue } from '../../../src/protocol/feedback.js';
import { itemContent, prefers } from '../../support/feedback-rows.js';

const pair = (i: number, gold: FeedbackValue | null = null) => ({
  content: itemContent({ prompt: `prompt ${i}`, answers: [`one ${i}`, `other ${i}`] }),
  gold,
});
const of = (seed: number) => ({ key: Buffer.alloc(32, 1), seed });
const keysOf = ({ content }: { content: { answers: readonly { key: string }[] } }) =>
  content.answers.map(({ key }) => key).join('');

test('each answer without a key has each letter equally often', () => {
  const keys = Array.from({ length: 1000 }, (_, i) => keysOf(drawKeys(pair(i), [0, 1], of(1))));
  const swapped = keys.filter((key) => key === 'ba').length;
  expect(keys.filter((key) => key === 'ab').length).toBe(1000 - swapped);
  // Four standard deviations of a fair coin: 4 · √(1000/4) ≈ 63.
  expect(Math.abs(swapped - 500)).toBeLessThan(64);
});

test('the key, the seed and the texts decide, and nothing else', () => {
  const drawn = (by: ReturnType<typeof of>) =>
    Array.from({ length: 64 }, (_, i) => keysOf(drawKeys(pair(i), [0, 1], by))).join();
  expect(drawn(of(5))).toBe(drawn(of(5)));
  expect(drawn(of(5))).not.toBe(drawn(of(6)));
  expect(drawn(of(5))).not.toBe(drawn({ ...of(5), key: Buffer.alloc(32, 2) }));
});

test('keys that were given stay, and texts stay where they are', () => {
  const content = itemContent({ prompt: 'p', answers: ['first', 'second', 'third', 'fourth'] });
  const orders = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const drawn = drawKeys({ content, gold: null }, [0, 3], of(seed));
    expect(drawn.content.answers.map(({ text }) => text)).toEqual(['first', 'second', 'third', 'fourth']);
    orders.add(keysOf(drawn));
  }
  expect(orders).toEqual(new Set(['abcd', 'dbca']));
});

test('what is known to be right names the same texts as before', () => {
  const content = itemContent({ prompt: 'p', answers: ['first', 'second', 'third'] });
  for (let seed = 0; seed < 20; seed++) {
    const preferred = drawKeys(pair(seed, prefers('b')), [0, 1], of(seed));
    expect(preferred.gold).toEqual(prefers(preferred.content.answers[1]!.key));
    const gold: FeedbackValue = { kind: 'ranking', ranks: [['c'], ['a', 'b']] };
    const ranked = drawKeys({ content, gold }, [0, 1, 2], of(seed));
    const [a, b, c] = keysOf(ranked);
    expect(ranked.gold).toEqual({ kind: 'ranking', ranks: [[c], [a, b]] });
  }
});
