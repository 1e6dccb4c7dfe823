import { expect, test } from 'vitest';
import { CommandError } from '../../../clients/command-line/command-error.js';
import { combinationsOf, drawn, parseGrid } from '../../../clients/command-line/sweep-grid.js';

test('a grid is every value of each axis with every value of the others', () => {
  const axes = ['learningRate=1e-4,3e-4', 'schedule=COSINE', 'adapter.rank=4, 8'].map(parseGrid);
  expect(combinationsOf(axes)).toEqual([
    [
      ['learningRate', 1e-4],
      ['schedule', 'COSINE'],
      ['adapter.rank', 4],
    ],
    [
      ['learningRate', 1e-4],
      ['schedule', 'COSINE'],
      ['adapter.rank', 8],
    ],
    [
      ['learningRate', 3e-4],
      ['schedule', 'COSINE'],
      ['adapter.rank', 4],
    ],
    [
      ['learningRate', 3e-4],
      ['schedule', 'COSINE'],
      ['adapter.rank', 8],
    ],
  ]);
  for (const wrong of ['learningRate', '=1', 'learningRate=', '1rate=2'])
    expect(() => parseGrid(wrong)).toThrow(CommandError);
});

test('a draw has as many as it should, each as likely, and is the same for its seed', () => {
  const values = Array.from({ length: 20 }, (_, i) => i);
  expect(drawn(values, 5, 7)).toEqual(drawn(values, 5, 7));
  expect(drawn(values, 99, 1)).toEqual(values);
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 4_000; seed++) {
    const some = drawn(values, 5, seed);
    expect(some).toHaveLength(5);
    for (const value of some) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  // 1000 expected of each, with a standard deviation of 27.4; five of them.
  for (const value of values) expect(Math.abs(counts.get(value)! - 1_000)).toBeLessThan(137);
});
