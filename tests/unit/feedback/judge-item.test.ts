import { describe, expect, test } from 'vitest';
import { judgeItem } from '../../../src/feedback/judge-item.js';

describe('the likeliest category', () => {
  const likely = (answers: string[], count: number) =>
    judgeItem({ atLeast: 1, atMost: 1, sureAt: null }, answers, count).likely!;

  test('with one vote of two categories has the probability of one right answer', () => {
    expect(likely(['UP'], 2).category).toBe('UP');
    expect(likely(['UP'], 2).probability).toBeCloseTo(0.8, 12);
  });

  test('with two votes for one of four is ahead of three by the squared ratio', () => {
    expect(likely(['a', 'a'], 4).probability).toBeCloseTo(0.64 / (0.64 + 3 * (0.2 / 3) ** 2), 12);
  });

  test('of a tie is the first given, and as probable as the other', () => {
    expect(likely(['b', 'a'], 2).category).toBe('b');
    expect(likely(['b', 'a'], 2).probability).toBeCloseTo(0.5, 12);
  });

  test('is known for very many votes, too', () => {
    const votes = [...Array<string>(5000).fill('a'), ...Array<string>(4000).fill('b')];
    expect(likely(votes, 3).category).toBe('a');
    expect(likely(votes, 3).probability).toBeCloseTo(1, 12);
  });
});

describe('an item', () => {
  const overlap = { atLeast: 2, atMost: 4, sureAt: 0.9 };

  test('is settled by two equal answers, and asks for a third where they differ', () => {
    expect(judgeItem(overlap, ['a'], 4)).toMatchObject({ isSettled: false, wanted: 2 });
    expect(judgeItem(overlap, ['a', 'a'], 4)).toMatchObject({ isSettled: true, wanted: 2 });
    expect(judgeItem(overlap, ['a', 'b'], 4)).toMatchObject({ isSettled: false, wanted: 3 });
    // 0.8²·(0.2/3) : (0.2/3)²·0.8 : 2 · (0.2/3)³ = 0.911 for the two.
    expect(judgeItem(overlap, ['a', 'b', 'b'], 4)).toMatchObject({ isSettled: true, likely: { category: 'b' } });
  });

  test('is settled with the most answers, however unsure they are', () => {
    expect(judgeItem(overlap, ['a', 'b', ':NEITHER'], 4)).toMatchObject({ isSettled: false, wanted: 4 });
    expect(judgeItem(overlap, ['a', 'b', ':NEITHER', ':BOTH_GOOD'], 4)).toMatchObject({ isSettled: true, wanted: 4 });
  });

  test('of texts is settled with the least number', () => {
    expect(judgeItem(overlap, [null], null)).toEqual({ isSettled: false, wanted: 2, likely: null });
    expect(judgeItem(overlap, [null, null], null)).toEqual({ isSettled: true, wanted: 2, likely: null });
  });
});
