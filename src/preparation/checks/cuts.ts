import { type InputProblem, problem } from '../../problems/problem.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { StepColumn } from './named-columns.js';

/** A cut as something that can be compared; null: it may be a value, whose place in the order only its reader knows. */
interface ReadCut {
  readonly place: bigint | number | null;
}

const wholeNumber = /^[+-]?\d+$/;
const plainNumber = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const [leastWhole, greatestWhole] = [-(2n ** 63n), 2n ** 63n - 1n];

const plainTime = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?Z?\s*$/;
/** What else the database reads as a time: other marks between the parts of a date, an offset, infinity. */
const likeTime = /^\s*(?:-?\d{1,6}\s*[-/\\ ]\s*\d{1,2}\s*[-/\\ ]\s*\d{1,2}|[+-]?inf|epoch)/i;
/** What else the database reads as a fraction. */
const likeNumber = /^\s*[+-]?(?:\d|\.\d|inf|nan)/i;

/**
 * What is wrong with the cuts of a step, without looking at rows: those that are no values of the column, or no time
 * and no number where it is not known; and those that are not above the one before.
 * @param column that the rows are ordered by; null: not known yet
 */
export function checkCuts(cuts: readonly string[], column: StepColumn | null): InputProblem[] {
  const read = cuts.map((cut) => readersOf(column?.type ?? null).map((reader) => reader(cut)));
  return cuts.flatMap((cut, i) => {
    const path = ['cuts', String(i)];
    if (read[i]!.every((each) => each === null)) return [unread(cut, column, path)];
    const previous = read[i - 1];
    if (previous === undefined || !read[i]!.some((each, kind) => isNotAbove(each, previous[kind]!))) return [];
    const message = `The cut “${cut}” is not above “${cuts[i - 1]}” before it.`;
    return [problem(path, 'INVALID_VALUE', message, 'Order the cuts from the lowest to the highest.')];
  });
}

function unread(cut: string, column: StepColumn | null, path: readonly string[]): InputProblem {
  const [time, number] = ['Write 2024-05-01 or 2024-05-01T12:30:00', 'Write a number'];
  if (column === null) {
    const message = `The cut “${cut}” is neither a time nor a number.`;
    return problem(path, 'INVALID_VALUE', message, `${time}, or a number for a column of numbers.`);
  }
  const { name, type } = column;
  const message = `“${cut}” is no value of column “${name}”, which holds ${type}.`;
  if (type === 'TEXT') {
    const hint = `${time}: a column of texts is ordered by the times that they are.`;
    return problem(path, 'INVALID_VALUE', message, hint);
  }
  return problem(path, 'INVALID_VALUE', message, `${type === 'TIMESTAMP' ? time : number}.`);
}

type Reader = (cut: string) => ReadCut | null;

function readersOf(type: ColumnType | null): readonly Reader[] {
  if (type === 'INTEGER') return [readWhole];
  if (type === 'FLOAT') return [readNumber];
  return type === null ? [readTime, readNumber] : [readTime];
}

/** A fraction is no cut of whole numbers. */
function readWhole(cut: string): ReadCut | null {
  if (!wholeNumber.test(cut)) return null;
  const place = BigInt(cut.replace(/^\+/, ''));
  return place >= leastWhole && place <= greatestWhole ? { place } : null;
}

function readNumber(cut: string): ReadCut | null {
  if (plainNumber.test(cut)) return { place: Number(cut) };
  return likeNumber.test(cut) && !/^\s*-?\d{1,6}\s*[-/\\ ]/.test(cut) ? { place: null } : null;
}

/** A time to a millionth of a second; a day that does not exist is none. */
function readTime(cut: string): ReadCut | null {
  const parts = plainTime.exec(cut);
  if (parts === null) return likeTime.test(cut) ? { place: null } : null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = parts;
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return { place: null };
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return { place: BigInt(date.getTime() + seconds * 1000) * 1000n + BigInt(fraction.padEnd(6, '0')) };
}

/** Whether it is known of two cuts of one kind that the later one is not above. */
function isNotAbove(cut: ReadCut | null, previous: ReadCut | null): boolean {
  if (cut === null || previous === null || cut.place === null || previous.place === null) return false;
  return cut.place <= previous.place;
}
