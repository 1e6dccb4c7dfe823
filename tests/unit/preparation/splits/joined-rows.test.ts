import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createJoinedRows } from '../../../../gpu-worker/preparation/splits/joined-rows.js';

describe('createJoinedRows', () => {
  test('joins through chains, and names a set by its first row', () => {
    const rows = createJoinedRows(6);
    rows.join(4, 5);
    rows.join(2, 4);
    rows.join(5, 1);
    expect([0, 1, 2, 3, 4, 5].map((row) => rows.firstOf(row))).toEqual([0, 1, 1, 3, 1, 1]);
  });

  test('has the sets that a search through all joins finds', () => {
    const joins = fc.array(fc.tuple(fc.nat(29), fc.nat(29)), { maxLength: 40 });
    fc.assert(
      fc.property(joins, (pairs) => {
        const rows = createJoinedRows(30);
        for (const [a, b] of pairs) rows.join(a, b);
        const expected = Array.from({ length: 30 }, (_, row) => row);
        for (let changed = true; changed; ) {
          changed = false;
          for (const [a, b] of pairs) {
            const first = Math.min(expected[a]!, expected[b]!);
            if (expected[a] !== first || expected[b] !== first) changed = true;
            expected[a] = first;
            expected[b] = first;
          }
        }
        expect(Array.from({ length: 30 }, (_, row) => rows.firstOf(row))).toEqual(expected);
      }),
    );
  });
});
