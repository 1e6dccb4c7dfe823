import { array, assert, asyncProperty, integer, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniform } from '../../../../gpu-worker/data/random.js';
import {
  type CopyGroup,
  makeCopies,
  randomOfCopy,
  type Source,
  type WantedCopy,
} from '../../../../gpu-worker/preparation/augmentation/copies.js';

const own = (value: string) => value;
const from = { seed: 1, step: 0, draws: 4 };

type Change = Parameters<typeof makeCopies<string>>[3];

async function groups(sources: readonly Source<string>[], change: Change, beat = () => {}) {
  const found: CopyGroup<string>[] = [];
  for await (const group of makeCopies(sources, from, own, change, beat)) found.push(group);
  return found;
}

async function copiesOf(sources: readonly Source<string>[], change: Change) {
  return (await groups(sources, change)).flatMap(({ made }) => made);
}

/** Each copy is one of three letters. */
const letters = async (wanted: readonly WantedCopy<string>[]) =>
  wanted.map(({ random }) => ['a', 'b', 'c'][Math.floor(uniform(random) * 3)]!);

/** Each copy is a number, so that two are hardly equal. */
const numbers = async (wanted: readonly WantedCopy<string>[]) => wanted.map(({ random }) => `${random()}`);

describe('the random numbers of a copy', () => {
  test('are others for another seed, step, row, copy, and for rows 2³² apart', () => {
    const first = (seed: number, step: number, row: number, copy: number) => randomOfCopy({ seed, step, row }, copy)();
    const found = [
      first(1, 0, 7, 0),
      first(2, 0, 7, 0),
      first(1, 1, 7, 0),
      first(1, 0, 8, 0),
      first(1, 0, 7, 1),
      first(1, 0, 7 + 2 ** 32, 0),
    ];
    expect(new Set(found).size).toBe(6);
    expect(first(1, 0, 7, 0)).toBe(found[0]);
  });
});

describe('copies', () => {
  test('differ from the source and from one another, so that there are no more than there can be', async () => {
    const made = await copiesOf([{ row: 5, value: 'a', copies: 20 }], letters);
    expect(made.map(({ value }) => value).sort()).toEqual(['b', 'c']);
    expect(made.every(({ row }) => row === 5)).toBe(true);
  });

  test('are drawn again, and left out after so many draws', async () => {
    let draws = 0;
    const never = async (wanted: readonly WantedCopy<string>[]) => {
      draws += wanted.length;
      return wanted.map(() => null);
    };
    const sources = [0, 1, 2].map((row) => ({ row, value: 'a', copies: 2 }));
    expect(await copiesOf(sources, never)).toEqual([]);
    expect(draws).toBe(3 * 2 * 4);
  });

  test('take turns: one more for each copy and each draw, from a number of the row', async () => {
    const turns: number[] = [];
    const watch = async (wanted: readonly WantedCopy<string>[]) =>
      wanted.map(({ turn }, index) => {
        turns.push(turn);
        return `${turn} ${index}`;
      });
    await copiesOf([{ row: 3, value: 'a', copies: 3 }], watch);
    expect(turns.map((turn) => turn - turns[0]!)).toEqual([0, 1, 2]);
  });

  test('of a row do not depend on the other rows, nor on their order', async () => {
    const rows = uniqueArray(integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 8 });
    await assert(
      asyncProperty(
        rows,
        array(integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
        async (chosen, counts) => {
          const sources = chosen.map((row, index) => ({ row, value: 'a', copies: counts[index]! }));
          const together = await copiesOf(sources, numbers);
          const alone = await Promise.all([...sources].reverse().map((one) => copiesOf([one], numbers)));
          const byRow = (a: { row: number; copy: number }, b: { row: number; copy: number }) =>
            a.row - b.row || a.copy - b.copy;
          expect([...together].sort(byRow)).toEqual(alone.flat().sort(byRow));
          expect(together).toHaveLength(sources.reduce((sum, { copies }) => sum + copies, 0));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of many are made in groups, of bounded numbers of copies and characters, with signs of life', async () => {
    const few = { row: 1, value: 'a', copies: 3 };
    const many = { row: 2, value: 'b', copies: 70_000 };
    const long = { row: 3, value: 'c'.repeat(20_000_000), copies: 3 };
    let beats = 0;
    const found = await groups([few, many, long], numbers, () => {
      beats++;
    });
    expect(found.map(({ sources, made, isLast }) => [sources.map(({ row }) => row), made.length, isLast])).toEqual([
      [[1], 3, true],
      [[2], 32_768, false],
      [[2], 32_768, false],
      [[2], 70_000 - 2 * 32_768, true],
      [[3], 1, false],
      [[3], 1, false],
      [[3], 1, true],
    ]);
    expect(found.flatMap(({ made }) => made.map(({ copy }) => copy))).toEqual([
      0,
      1,
      2,
      ...Array.from({ length: 70_000 }, (_, copy) => copy),
      0,
      1,
      2,
    ]);
    expect(beats).toBeGreaterThanOrEqual(70_006);
  });

  test('of one source differ over all of its groups', async () => {
    const made = await copiesOf([{ row: 5, value: 'a', copies: 40_000 }], letters);
    expect(made.map(({ value }) => value).sort()).toEqual(['b', 'c']);
  });
});
