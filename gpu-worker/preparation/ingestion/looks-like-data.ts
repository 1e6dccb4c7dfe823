import { maxNameLength } from './column-names.js';

/**
 * Why the first row of a file looks like a row of data, in words; null when it does not, or nothing tells. Errs on the
 * side of the header: a single column whose values are all numbers, flags or times, below a name that is none, shows
 * one.
 *
 * @param others the rows after it
 */
export function whyFirstRowIsData(first: readonly string[], others: readonly (readonly string[])[]): string | null {
  const whole = JSON.stringify(first);
  // Files that were joined repeat their header as a whole, and rows of another length have other columns.
  const rows = others.filter((row) => row.length === first.length && JSON.stringify(row) !== whole);
  const columns = first.map((cell, place) => ({ cell, values: rows.map((row) => row[place]!) }));
  if (columns.some(showsHeader)) return null;
  const numbered = namesThatAreNumbers(columns);
  for (const column of columns) {
    const why = whyData(column, numbered);
    if (why !== null) return why;
  }
  return null;
}

/**
 * Why the first line of a file of texts alone may be a text itself, in words; null when it names them: by a name that
 * is expected, or by a single word above texts of several. Asks in case of doubt, since nothing else would show that a
 * text was taken for a name.
 *
 * @param texts the rows after it
 * @param names the names of texts that are expected
 */
export function whyFirstTextIsData(first: string, texts: readonly string[], names: readonly string[]): string | null {
  if (names.includes(first) || showsHeader({ cell: first, values: texts })) return null;
  const isWord = (text: string): boolean => !/\s/.test(text.trim());
  if (isWord(first) && texts.filter(isWord).length < texts.length / 2) return null;
  return `${quoted(first)} may be a text like those below it`;
}

interface Column {
  /** Its value in the first row. */
  readonly cell: string;
  readonly values: readonly string[];
}

type Kind = 'number' | 'flag' | 'time' | 'address' | 'text' | 'missing';

const forms: readonly (readonly [Kind, RegExp])[] = [
  ['missing', /^(|-|\?|na|n\/a|nan|null|none)$/i],
  ['number', /^[-+]?(\d+([.,]\d+)*|\.\d+)(e[-+]?\d+)?\s?%?$/i],
  ['flag', /^(true|false)$/i],
  ['time', /^\d{4}-\d\d-\d\d([T ]|$)|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d\d:\d\d/],
  ['address', /^(https?:\/\/\S+|[^\s@]+@[^\s@]+\.[^\s@]+)$/i],
];

function kindOf(text: string): Kind {
  return forms.find(([, form]) => form.test(text.trim()))?.[0] ?? 'text';
}

/** The kind that all values have; null when they differ, or there is none. */
function kindOfAll(values: readonly string[]): Kind | null {
  const kinds = new Set(values.map(kindOf));
  kinds.delete('missing');
  return kinds.size === 1 ? [...kinds][0]! : null;
}

/** Whether a name stands above values of another kind, as “price” above numbers. */
function showsHeader({ cell, values }: Column): boolean {
  const kind = kindOfAll(values);
  return kind !== null && kind !== 'text' && kindOf(cell) === 'text';
}

function whyData({ cell, values }: Column, numbered: ReadonlySet<string>): string | null {
  const kind = kindOf(cell);
  if (kind === 'missing' || numbered.has(cell)) return null;
  if (kind !== 'text') return kindOfAll(values) === kind ? `${quoted(cell)} is ${nouns[kind]} like all below it` : null;
  const again = values.filter((value) => value === cell).length;
  if (again > 0) return `${quoted(cell)} stands below it again, ${again === 1 ? 'once' : `${again} times`}`;
  if (cell.length > maxNameLength) return `${quoted(cell)} is longer than a name may be`;
  return isLikeTexts(cell, values) ? `${quoted(cell)} is a text like those below it` : null;
}

const nouns = { number: 'a number', flag: 'a flag', time: 'a time', address: 'an address' } as const;

/** A year as a name. */
const year = /^[12]\d{3}$/;

/**
 * The numbers in the first row that may well be names: places from 0, as pandas names columns without a name, and years
 * above values that are none.
 */
function namesThatAreNumbers(columns: readonly Column[]): ReadonlySet<string> {
  const [index, ...rest] = columns;
  const named = index?.cell === '' ? rest : columns;
  if (named.every(({ cell }, place) => cell === String(place))) return new Set(named.map(({ cell }) => cell));
  const years = columns.filter(({ cell }) => year.test(cell));
  const distinct = new Set(years.map(({ cell }) => cell));
  const areNames =
    distinct.size === years.length && years.every(({ values }) => !values.every((value) => year.test(value)));
  return areNames ? distinct : new Set();
}

const leastTextLength = 60;
const leastWords = 10;

/** A long name may be a question of a survey, whose answers are shorter. */
function isLikeTexts(cell: string, values: readonly string[]): boolean {
  if (cell.length < leastTextLength || cell.split(/\s+/).length < leastWords || /[?:]\s*$/.test(cell)) return false;
  const lengths = values.map(({ length }) => length).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  return median >= cell.length / 2;
}

const shownCharacters = 40;

function quoted(text: string): string {
  return `“${text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text}”`;
}
