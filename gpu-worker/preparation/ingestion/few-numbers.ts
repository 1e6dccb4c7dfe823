import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { StoredColumn } from '../../../src/protocol/datasets/stored-version.js';

/** Two numbers, such as 0 and 1, have no order that classes would lose; more than 20 are hardly meant as classes. */
const fewest = 3;
const most = 20;

/** How often a number occurs at least, on average, where it may stand for a class. */
const rowsOfEach = 10;

const mostNotices = 10;

/**
 * Notices of columns of numbers that may be meant as classes or as amounts: an experiment takes either, and as classes
 * 4 is as far from 5 as from 1.
 * @param rows of the version
 */
export function fewNumbers(columns: readonly StoredColumn[], rows: number): FileNotice[] {
  return columns
    .filter(({ type, distinct, missing }) => {
      const isNumber = type === 'INTEGER' || type === 'FLOAT';
      return isNumber && distinct >= fewest && distinct <= most && rows - missing >= rowsOfEach * distinct;
    })
    .slice(0, mostNotices)
    .map(({ name, distinct }) => ({
      code: 'FEW_NUMBERS',
      message: `“${name}” has ${distinct} different numbers. As labels they are classes, which have no order; the head \`regression\` predicts them as numbers.`,
    }));
}
