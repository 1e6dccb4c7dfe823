import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  balanceLabels,
  countLabels,
  type RowLabels,
} from '../../../../gpu-worker/preparation/augmentation/balance-labels.js';
import { boundsOf } from '../../../../gpu-worker/preparation/augmentation/balance-targets.js';
import type { BalanceTarget } from '../../../../src/protocol/preparation/steps/augmentation.js';

/** @param sets the labels of each row */
function labelled(sets: readonly (readonly number[])[], made: readonly number[] = []): RowLabels {
  let end = 0;
  return {
    offsets: Int32Array.from([0, ...sets.map((set) => (end += set.length))]),
    labels: Int32Array.from(sets.flat()),
    labelCount: sets.flat().reduce((most, label) => Math.max(most, label + 1), 0),
    isMade: Uint8Array.from(sets, (_, row) => (made.includes(row) ? 1 : 0)),
  };
}

function balanced(rows: RowLabels, target: BalanceTarget, seed = 1) {
  const counts = countLabels(rows);
  const bounds = boundsOf(target, counts);
  const plan = balanceLabels(rows, bounds, { seed, step: 0 });
  const after = new Int32Array(rows.labelCount);
  for (let row = 0; row < plan.copies.length; row++) {
    const times = (plan.isDropped[row] === 1 ? 0 : 1) + plan.copies[row]!;
    for (const label of rows.labels.subarray(rows.offsets[row], rows.offsets[row + 1])) after[label]! += times;
  }
  return { ...plan, bounds, after: [...after] };
}

/** 10 rows of label 0, 4 of 1, and 1 of 2. */
const skewed = labelled([...Array(10).fill([0]), ...Array(4).fill([1]), [2]]);

describe('one label a row', () => {
  test.each<[BalanceTarget, number[]]>([
    [{ kind: 'largest' }, [10, 10, 10]],
    [{ kind: 'smallest' }, [1, 1, 1]],
    [{ kind: 'mean', by: 'both' }, [5, 5, 5]],
    [{ kind: 'mean', by: 'over' }, [10, 5, 5]],
    [{ kind: 'mean', by: 'under' }, [5, 4, 1]],
    [{ kind: 'count', count: 7, by: 'both' }, [7, 7, 7]],
    [{ kind: 'count', count: 3, by: 'under' }, [3, 3, 1]],
    // At most four times as many: ⌈10/4⌉ = 3 at least, or 4 · 1 at most.
    [{ kind: 'ratio', ratio: 4, by: 'over' }, [10, 4, 3]],
    [{ kind: 'ratio', ratio: 4, by: 'under' }, [4, 4, 1]],
    [{ kind: 'ratio', ratio: 1, by: 'over' }, [10, 10, 10]],
  ])('%o has these counts', (target, expected) => {
    expect(balanced(skewed, target).after).toEqual(expected);
  });

  test('is copied evenly: 4 rows to 10 are two or three of each', () => {
    const { copies } = balanced(skewed, { kind: 'largest' });
    expect([...copies.subarray(10, 14)].sort()).toEqual([1, 1, 2, 2]);
    expect(copies[14]).toBe(9);
    expect(copies.subarray(0, 10).every((count) => count === 0)).toBe(true);
  });

  test('another seed copies and drops other rows, the same seed the same', () => {
    const chosen = (seed: number) => {
      const { copies, isDropped } = balanced(skewed, { kind: 'count', count: 5, by: 'both' }, seed);
      return `${copies} ${isDropped}`;
    };
    expect(chosen(3)).toBe(chosen(3));
    expect(new Set([1, 2, 3, 4, 5].map(chosen)).size).toBeGreaterThan(2);
  });

  test('made rows are dropped before original ones', () => {
    const rows = labelled([...Array(6).fill([0]), [1], [1]], [1, 3, 5]);
    expect([...balanced(rows, { kind: 'smallest' }).isDropped].slice(0, 6).filter((_, row) => row % 2 === 1)).toEqual([
      1, 1, 1,
    ]);
  });

  test('meets every target exactly', () => {
    const by = constantFrom('over' as const, 'under' as const, 'both' as const);
    const rows = array(integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 });
    assert(
      property(rows, integer({ min: 1, max: 30 }), by, integer(), (given, count, direction, seed) => {
        const present = [...new Set(given)];
        const sets = given.map((label) => [present.indexOf(label)]);
        const before = countLabels(labelled(sets));
        const { after } = balanced(labelled(sets), { kind: 'count', count, by: direction }, seed);
        const expected = [...before].map((each) =>
          direction === 'over' ? Math.max(each, count) : direction === 'under' ? Math.min(each, count) : count,
        );
        expect(after).toEqual(expected);
      }),
    );
  });
});

describe('several labels a row', () => {
  test('are copied with their row, rows with fewer labels first', () => {
    // Label 0: three rows, 1: two, of which one has both; 2: one, with 0.
    const rows = labelled([[0], [0, 2], [1], [0, 1]]);
    const { copies, after } = balanced(rows, { kind: 'largest' });
    // Label 2 is copied with 0 twice: 0 has 5 then, which is no target of the others. 1 gets one of its own row.
    expect([...copies]).toEqual([0, 2, 1, 0]);
    expect(after).toEqual([5, 3, 3]);
  });

  test('no label gets fewer rows than it shall have, nor is dropped below, and rows without labels stay', () => {
    const sets = array(uniqueArray(integer({ min: 0, max: 5 }), { maxLength: 4 }), { minLength: 1, maxLength: 40 });
    const direction = constantFrom('over' as const, 'under' as const, 'both' as const);
    assert(
      property(record({ sets, count: integer({ min: 1, max: 20 }), by: direction, seed: integer() }), (given) => {
        const rows = labelled(given.sets);
        const before = countLabels(rows);
        const target = { kind: 'count', count: given.count, by: given.by } as const;
        const { after, copies, isDropped } = balanced(rows, target, given.seed);
        for (const [label, count] of before.entries()) {
          if (count === 0) continue;
          const wanted = given.by === 'under' ? Math.min(count, given.count) : given.count;
          expect(after[label]).toBeGreaterThanOrEqual(given.by === 'over' ? Math.max(wanted, count) : wanted);
        }
        for (const [row, set] of given.sets.entries()) {
          if (set.length > 0) continue;
          expect([copies[row], isDropped[row]]).toEqual([0, 0]);
        }
      }),
    );
  });
});
