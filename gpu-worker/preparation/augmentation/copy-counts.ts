import type { CopyAmount } from '../../../src/protocol/preparation/steps/augmentation.js';
import { randomOfCopy } from './copies.js';

/** The number under which the order of rows is drawn. */
const noCopy = 0xfffffffe;

/**
 * How many copies each row gets. A share of the rows is exactly ⌊share · rows⌉, at least one: those whose drawn numbers
 * are the lowest.
 *
 * @param rows numbers of the rows
 */
export function copyCounts(
  amount: CopyAmount,
  rows: readonly number[],
  of: { readonly seed: number; readonly step: number },
): (row: number) => number {
  switch (amount.kind) {
    case 'ofEachRow':
      return () => amount.copies;
    case 'ofShare': {
      const wanted = Math.max(1, Math.round(amount.share * rows.length));
      const drawn = rows.map((row) => ({ row, number: randomOfCopy({ ...of, row }, noCopy)() }));
      drawn.sort((a, b) => a.number - b.number || a.row - b.row);
      const chosen = new Set(drawn.slice(0, wanted).map(({ row }) => row));
      return (row) => (chosen.has(row) ? 1 : 0);
    }
    default:
      return amount satisfies never;
  }
}
