import { type Quoting, usualQuoting } from './csv-quoting.js';
import { type CsvSample, sampleRows } from './csv-sample.js';
import type { CsvDialect } from './csv-scanner.js';

/** The delimiters that are looked for, in order of preference where nothing else tells between them. */
const candidates = [',', ';', '\t', '|'] as const;

/** The delimiter of a file of one column that holds every usual one: no byte is this. */
const noDelimiter = '';

/** A delimiter, and how it divides the head of the file. An empty delimiter divides nothing. */
export interface ChosenDelimiter {
  readonly delimiter: string;
  readonly sample: CsvSample;
}

interface Candidate extends ChosenDelimiter {
  /** How many fields the first row has. */
  readonly columns: number;
  /** The share of other rows that have as many. 1 where there are none. */
  readonly agreeing: number;
  /** The share of other rows that hold the delimiter. 1 where there are none. */
  readonly divided: number;
}

/** Shares of rows that differ by less say nothing: a few rows of a file may be faulty. */
const sameShare = 0.1;
const fewRows = 5;

/**
 * Finds the delimiter of CSV from its first rows:
 *
 * 1. A delimiter that divides the header, but not even half of the rows, is part of a name: `text,label (a;b;c)`. If no
 *    other is left, the file has one column, as below `comments; notes`.
 * 2. Those with which the most rows have as many fields as the header are compared further. Without this agreement a
 *    comma in a name and in each row, as in `Preis, netto;Menge`, would be as good as the semicolon.
 * 3. Among them, the one whose fields look more like whole values (isClean), then the one with the most columns.
 *
 * Without a header a comma is preferred, unless the rows disagree on it and agree on another; and of a few rows, the
 * first alone may show a delimiter.
 */
export function chooseDelimiter(
  head: Uint8Array,
  header: boolean,
  isWholeFile: boolean,
  quoting: Quoting = usualQuoting,
): ChosenDelimiter {
  const tried = candidates.map((delimiter) => tryDelimiter(head, delimiter, isWholeFile, quoting));
  const isPart = ({ divided, sample }: Candidate) => divided < 0.5 && (header || sample.others.length >= fewRows);
  const dividing = tried.filter((each) => each.columns > 1 && !isPart(each));
  const [comma] = tried as [Candidate, ...Candidate[]];
  if (tried.every(({ sample }) => sample.first.isCut)) return header ? mostFields(tried) : comma;
  if (dividing.length === 0) {
    // Only between words a delimiter is certainly part of a name; otherwise the rows lack columns, which is told.
    const bare = tried.filter(({ sample }) => sample.first.fields.slice(1).some((field) => !field.startsWith(' ')));
    return bare.length === 0 ? ofOneColumn(head, tried, isWholeFile, quoting) : mostFields(bare);
  }
  const most = Math.max(...dividing.map(({ agreeing }) => agreeing));
  if (!header && dividing.includes(comma) && (comma.agreeing >= 0.5 || most < 0.9)) return comma;
  const agreed = dividing.filter(({ agreeing }) => agreeing > most - sameShare);
  const delimiters = agreed.map(({ delimiter }) => delimiter);
  const cleanShares = new Map(agreed.map((each) => [each, cleanShare(each, delimiters)]));
  const cleanest = Math.max(...cleanShares.values());
  return agreed
    .filter((each) => cleanShares.get(each)! > cleanest - sameShare)
    .reduce((best, each) => (each.columns > best.columns ? each : best));
}

function mostFields(tried: readonly Candidate[]): Candidate {
  const fields = ({ sample }: Candidate) => sample.first.fields.length;
  return tried.reduce((best, each) => (fields(each) > fields(best) ? each : best));
}

function tryDelimiter(head: Uint8Array, delimiter: string, isWholeFile: boolean, quoting: Quoting): Candidate {
  const sample = sampleRows(head, dialectOf(delimiter, quoting), isWholeFile);
  const columns = sample.first.isCut ? 0 : sample.first.fields.length;
  const share = (test: (fields: readonly string[]) => boolean) =>
    sample.others.length === 0 ? 1 : sample.others.filter(test).length / sample.others.length;
  return {
    delimiter,
    sample,
    columns,
    agreeing: share((fields) => fields.length === columns),
    divided: share((fields) => fields.length > 1),
  };
}

/** Divides by bytes; an empty delimiter is none of them. */
export function dialectOf(delimiter: string, quoting: Quoting): CsvDialect {
  return { ...quoting, delimiter: delimiter === noDelimiter ? -1 : delimiter.charCodeAt(0) };
}

/**
 * A file whose header is not divided. If all rows are divided alike, the header lacks a column, which their refusal
 * will tell; otherwise the delimiters are part of texts.
 */
function ofOneColumn(
  head: Uint8Array,
  tried: readonly Candidate[],
  isWholeFile: boolean,
  quoting: Quoting,
): ChosenDelimiter {
  const alike = tried.find(({ sample: { others }, columns }) => {
    const fields = others[0]?.length ?? 0;
    return columns === 1 && fields > 1 && others.every((row) => row.length === fields);
  });
  if (alike !== undefined) return alike;
  const absent = tried.find(({ columns, agreeing }) => columns === 1 && agreeing === 1);
  return absent ?? { delimiter: noDelimiter, sample: sampleRows(head, dialectOf(noDelimiter, quoting), isWholeFile) };
}

function cleanShare({ sample, delimiter }: Candidate, delimiters: readonly string[]): number {
  const others = delimiters.filter((each) => each !== delimiter);
  const rows = [sample.first.fields, ...sample.others];
  return rows.filter((fields) => fields.every((field, place) => isClean(field, place, others))).length / rows.length;
}

/** Decimal commas, and commas between thousands. */
const number = /^\s*[-+]?\d[\d.,' ]*\s*$/;

/**
 * Whether a field looks like one whole value: it does not begin with a blank, as the rest of a sentence does that was
 * divided, and holds another possible delimiter only in a number or before a blank, as in `Preis, netto`.
 */
function isClean(field: string, place: number, others: readonly string[]): boolean {
  if (place > 0 && field.startsWith(' ')) return false;
  if (number.test(field)) return true;
  return others.every((other) => !field.replaceAll(`${other} `, '').includes(other));
}
