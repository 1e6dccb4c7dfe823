import { type InputProblem, problem } from '../../src/problems/problem.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import type { Comparand } from '../../src/protocol/preparation/steps/filters.js';

/** A value to bind, and the type in DuckDB that it is compared as. */
export interface BoundComparand {
  /** A number is a text of its digits: the binding would make a BIGINT of a whole one, however great. */
  readonly value: string | boolean;
  readonly type: 'VARCHAR' | 'BIGINT' | 'HUGEINT' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP';
}

const wholeNumber = /^[+-]?\d{1,19}$/;
const time = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?Z?)?$/;
const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];

/** What a value is compared as with the values of a column; a problem if it can not be compared with them. */
export function comparable(
  given: Comparand,
  { name, type }: { readonly name: string; readonly type: ColumnType },
  path: readonly string[],
): BoundComparand | InputProblem {
  const unfit = (hint: string) =>
    problem(path, 'INVALID_VALUE', `${JSON.stringify(given)} can not be compared with ${type} of “${name}”.`, hint);
  switch (type) {
    case 'TEXT':
      return typeof given === 'string' ? { value: given, type: 'VARCHAR' } : unfit('Give a text.');
    case 'BOOLEAN':
      return typeof given === 'boolean' ? { value: given, type: 'BOOLEAN' } : unfit('Give true or false.');
    case 'INTEGER':
    case 'FLOAT':
      return comparableNumber(given, type) ?? unfit('Give a number; beyond 2⁵³ as a text of digits.');
    case 'TIMESTAMP':
      return typeof given === 'string' && isTime(given)
        ? { value: given.replace(/Z$/, ''), type: 'TIMESTAMP' }
        : unfit('Give a time of UTC such as 2024-05-01 or 2024-05-01T12:30:00.');
    default:
      return unfit('Its values can not be compared.');
  }
}

function comparableNumber(given: Comparand, type: 'INTEGER' | 'FLOAT'): BoundComparand | null {
  if (typeof given === 'number') {
    if (!Number.isFinite(given)) return null;
    if (type === 'FLOAT' || !Number.isInteger(given)) return { value: String(given), type: 'DOUBLE' };
    const whole = BigInt(given);
    // Whole numbers are compared exactly, also with those of a column that a double can not hold.
    if (isLong(whole)) return { value: String(whole), type: 'BIGINT' };
    // All numbers beyond those of the column compare alike with them, and as a double the greatest would equal 2⁶³.
    return { value: String(given > 0 ? 2n ** 64n : -(2n ** 64n)), type: 'HUGEINT' };
  }
  if (typeof given !== 'string' || !wholeNumber.test(given)) return null;
  const whole = BigInt(given);
  return isLong(whole) ? { value: String(whole), type: 'BIGINT' } : null;
}

function isLong(whole: bigint): boolean {
  return whole >= least && whole <= most;
}

/** Whether a text is a time that exists: 2024-02-30 does not. */
function isTime(text: string): boolean {
  const parts = time.exec(text);
  if (parts === null) return false;
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = parts.map((part) => part ?? '0');
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}
