/**
 * Dates in Excel workbooks: numbers of days, which only the format of a cell tells from other numbers (ECMA-376, part
 * 1, 18.8.30 and 18.17.4).
 */

/** What of a date a format shows. */
export type DateKind = 'DATE' | 'TIME' | 'DATE_TIME';

const builtIn = new Map<number, DateKind>([
  ...[14, 15, 16, 17, ...range(27, 31), 34, 35, 36, ...range(50, 58)].map((id) => [id, 'DATE'] as const),
  ...[18, 19, 20, 21, 32, 33, 45, 46, 47].map((id) => [id, 'TIME'] as const),
  [22, 'DATE_TIME'],
]);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * What of a date a number format shows; null: it shows numbers.
 * @param code of a format that the workbook defines; undefined: the format is built in
 */
export function dateKindOf(id: number, code: string | undefined): DateKind | null {
  if (code === undefined) return builtIn.get(id) ?? null;
  // Without texts in quotes, escaped characters, and colors or conditions in brackets; [h] counts hours.
  const plain = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!(h+|m+|s+)\])[^\]]*\]/gi, '')
    .split(';')[0]!
    .toLowerCase();
  if (/general|[0#?]e/.test(plain)) return null;
  const hasTime = /[hs]/.test(plain);
  const hasDate = /[dy]/.test(plain) || (!hasTime && /m/.test(plain));
  if (hasDate) return hasTime ? 'DATE_TIME' : 'DATE';
  return hasTime ? 'TIME' : null;
}

const dayMs = 86_400_000;
/** Day 1 is 1900-01-01; or with the calendar of old Macintoshes, day 0 is 1904-01-01. */
const [start1900, start1904] = [Date.UTC(1899, 11, 31), Date.UTC(1904, 0, 1)];
/** Excel has a 29th of February 1900, as Lotus 1-2-3 did; no calendar has. */
const noDay = 60;
/** The last moment that Excel shows is in 9999. */
const lastDay = 2_958_466;

/**
 * A number of days as ISO 8601: `2024-02-29`, `2024-02-29T10:00:00`, `10:00:00`; to the millisecond. Null: it is no
 * date of Excel.
 */
export function writeDate(serial: number, kind: DateKind, is1904: boolean): string | null {
  if (!(serial >= 0 && serial < lastDay)) return null;
  const ms = Math.round(serial * dayMs);
  if (kind === 'TIME' && serial < 1)
    return new Date(ms)
      .toISOString()
      .slice(11, 23)
      .replace(/\.000$/, '');
  const days = Math.floor(serial);
  if (!is1904 && days === noDay) return null;
  const start = is1904 ? start1904 : days > noDay ? start1900 - dayMs : start1900;
  const [date, time] = new Date(start + ms).toISOString().slice(0, 23).split('T') as [string, string];
  // A format without hours may still show a moment; one with them may show midnight.
  if (ms % dayMs === 0 && kind === 'DATE') return date;
  return `${date}T${time.replace(/\.000$/, '')}`;
}
