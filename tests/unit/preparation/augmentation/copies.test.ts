import { describe, expect, test } from 'vitest';
import { uniform } from '../../../../gpu-worker/data/random.js';
import { copiesOf, randomOfCopy } from '../../../../gpu-worker/preparation/augmentation/copies.js';

const own = (value: string) => value;
const source: string = 'a';

describe('the random numbers of a copy', () => {
  test('are others for another seed, step, row, copy, and for rows 2³² apart', () => {
    const first = (seed: number, step: number, row: number, copy: number) => randomOfCopy({ seed, step, row }, copy)();
    const numbers = [
      first(1, 0, 7, 0),
      first(2, 0, 7, 0),
      first(1, 1, 7, 0),
      first(1, 0, 8, 0),
      first(1, 0, 7, 1),
      first(1, 0, 7 + 2 ** 32, 0),
    ];
    expect(new Set(numbers).size).toBe(6);
    expect(first(1, 0, 7, 0)).toBe(numbers[0]);
  });
});

describe('copies', () => {
  test('differ from the source and from one another', () => {
    const letters = ['a', 'b', 'c'];
    const copies = copiesOf(source, 20, { seed: 1, step: 0, row: 0 }, own, (_, random) => {
      return letters[Math.floor(uniform(random) * 3)]!;
    });
    expect([...copies].sort()).toEqual(['b', 'c']);
  });

  test('are none where nothing can be changed', () => {
    expect(copiesOf(source, 3, { seed: 1, step: 0, row: 0 }, own, () => null)).toEqual([]);
  });

  test('are told their number', () => {
    expect(copiesOf(source, 3, { seed: 1, step: 0, row: 0 }, own, (text, _, copy) => text + copy)).toEqual([
      'a0',
      'a1',
      'a2',
    ]);
  });
});
