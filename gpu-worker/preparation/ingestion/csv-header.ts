import { isUtf8 } from 'node:buffer';
import { headerPath, namesPath } from '../../../src/preparation/check-file-options.js';
import { notUtf8 } from '../../../src/preparation/text-encoding.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { DelimitedOptions } from '../../../src/protocol/datasets/file-options.js';
import { chooseDelimiter, dialectOf } from './choose-delimiter.js';
import { checkColumnNames, nameUnnamed } from './column-names.js';
import { noQuoting, noticeOf, readQuoting } from './csv-quoting.js';
import { type CsvSample, sampleRows } from './csv-sample.js';
import type { CsvDialect } from './csv-scanner.js';
import { whyFirstRowIsData, whyFirstTextIsData } from './looks-like-data.js';

/** The layout of a delimited file, known before its rows are read. */
export interface CsvLayout {
  readonly dialect: CsvDialect;
  /** Whether a first line names the delimiter; it is neither header nor row. */
  readonly delimiterLine: boolean;
  /** Whether the first row is the header. */
  readonly header: boolean;
  readonly names: readonly string[];
  /** Why this number of columns is expected, in words. */
  readonly columnsExpected: string;
  readonly notices: readonly FileNotice[];
}

export interface CsvLayoutRequest {
  readonly format: 'CSV' | 'TSV';
  readonly options: DelimitedOptions | null;
  /** Whether the head is the whole file. */
  readonly isWholeFile: boolean;
  /** The path of problems with the file in the mutation's input. */
  readonly path: readonly string[];
  /** Names that the texts may have, of a file that is read for its texts; null: it is read for all of its columns. */
  readonly textNames: readonly string[] | null;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

const delimiterLine = /^"?sep=([\t -~])"?(?:\r\n|\n|\r)/i;

const usual: DelimitedOptions = { header: null, names: null, delimiter: null };

/**
 * Finds a delimited file's columns from its first rows. Unless the options name the delimiter, that of a CSV file is
 * chosen by `chooseDelimiter`. A TSV file has tabs and, as IANA defines it, no quotes: tab-separated text with quotes
 * is read as CSV. Unless the options say whether there is a header, a first row that looks like data is asked about; if
 * names are given, it is read as data. The same holds for the first line of texts alone in a file that is read for its
 * texts, unless it names them. A line `sep=;` before all others, which Excel reads and writes, names the delimiter of a
 * CSV file unless the options do.
 *
 * Throws ProblemsError.
 *
 * @param start the file's beginning without byte order mark: the whole file, or at least as long as a header may be
 */
export function readCsvLayout(start: Uint8Array, request: CsvLayoutRequest): CsvLayout {
  const { format, options, isWholeFile, path, textNames } = request;
  const { header: hasHeader, names: given, delimiter } = options ?? usual;
  const line = delimiterLine.exec(Buffer.from(start.subarray(0, 16)).toString('latin1'));
  const head = start.subarray(line?.[0].length ?? 0);
  const chosen = delimiter ?? (format === 'CSV' ? (line?.[1] ?? null) : null);
  const quoting =
    format === 'CSV' ? readQuoting(head, options) : { ...noQuoting, comment: readQuoting(head, options).comment };
  const divide = (bytes: Uint8Array, header: boolean) => {
    const named = chosen ?? (format === 'CSV' ? null : '\t');
    if (named === null) return chooseDelimiter(bytes, header, isWholeFile, quoting);
    return { delimiter: named, sample: sampleRows(bytes, dialectOf(named, quoting), isWholeFile) };
  };
  const rows = hasHeader === false ? withoutBlankLines(head) : head;
  const { delimiter: found, sample } = divide(rows, hasHeader !== false);
  const { first } = sample;
  const why = hasHeader === null && !first.isCut ? whyIsData(sample, textNames) : null;
  if (why !== null && given === null) throw new ProblemsError([unclearHeader(why, first.fields.length)]);
  const header = hasHeader ?? why === null;

  if (first.isCut && given === null) {
    const hint = header ? 'The first line must name the columns.' : 'Name the columns, or put a shorter row first.';
    throw refusal(path, `The first row does not end within ${head.length} bytes.`, hint);
  }
  if (header && !first.isCut && !isUtf8(first.bytes)) throw new ProblemsError([notUtf8(path, head)]);
  if (header && first.fields.every((field) => field.trim() === '') && first.fields.length === 1) {
    throw refusal(path, 'The first line is blank.', 'The first line must name the columns.');
  }
  // R's write.table writes row numbers, and no name above them.
  const fields = header && hasRowNumbers(sample) ? ['', ...first.fields] : first.fields;
  if (given !== null && !first.isCut && first.bytes.length > 0 && given.length !== fields.length) {
    const which = header ? 'header' : 'first row';
    const message = `The ${which} has ${fields.length} columns, and ${given.length} names are given.`;
    throw new ProblemsError([problem(namesPath, 'INVALID_VALUE', message, 'Name each column of the file, in order.')]);
  }
  const { names, notices } =
    given !== null
      ? { names: given, notices: [] }
      : header
        ? nameUnnamed(fields)
        : { names: fields.map((_, index) => `column${index + 1}`), notices: [] };
  const problems = checkColumnNames(names, given === null ? path : namesPath);
  if (problems.length > 0) throw new ProblemsError(problems);
  return {
    dialect: dialectOf(found, quoting),
    delimiterLine: line !== null,
    header,
    names,
    columnsExpected: `The ${header ? 'header' : 'first row'} has ${names.length} columns`,
    notices: [
      ...(chosen === null && format === 'CSV' ? delimiterNotices(found, names.length) : []),
      ...noticeOf(quoting, options),
      ...(why === null ? notices : [firstLineIsData(why)]),
    ],
  };
}

/** Why the first row may be data, in words; null when it is taken for the header. */
function whyIsData({ first, others }: CsvSample, textNames: readonly string[] | null): string | null {
  const why = whyFirstRowIsData(first.fields, others);
  const [text = '', second] = first.fields;
  const isText = second === undefined && text.trim() !== '' && others.every((row) => row.length === 1);
  if (why !== null || textNames === null || !isText) return why;
  return whyFirstTextIsData(text, others.flat(), textNames);
}

/** Whether each row has one value more than the header, and it is the number of the row. */
function hasRowNumbers({ first, others }: CsvSample): boolean {
  const start = Number(others[0]?.[0]);
  return (
    others.length > 0 &&
    (start === 0 || start === 1) &&
    others.every((row, index) => row.length === first.fields.length + 1 && row[0] === String(start + index))
  );
}

/** What is told of a delimiter that was found; nothing of the comma, from which CSV has its name. */
function delimiterNotices(found: string, columns: number): FileNotice[] {
  if (found === ',') return [];
  const named = found === '\t' ? 'tabs' : `“${found}”`;
  const what =
    columns === 1
      ? 'Each line was read as one value: no delimiter divides the first rows alike'
      : `Values are divided by ${named}, as the first rows show`;
  const message = `${what}. \`fileOptions: { delimited: { delimiter: "," } }\` names another delimiter.`;
  return [{ code: 'DELIMITER_FOUND', message }];
}

function unclearHeader(why: string, columns: number): InputProblem {
  const names = Array.from({ length: Math.min(columns, 3) }, (_, index) => `"name ${index + 1}"`).join(', ');
  return problem(
    headerPath,
    'UNCLEAR_HEADER',
    `The first line may name the columns or be data: ${why}.`,
    `If it is data, give \`fileOptions: { delimited: { header: false, names: [${names}${columns > 3 ? ', …' : ''}] } }\`; if it names the columns, \`header: true\`.`,
  );
}

function firstLineIsData(why: string): FileNotice {
  const message = `The first line was read as a row: ${why}. If it is a header, give \`header: true\`.`;
  return { code: 'FIRST_LINE_IS_DATA', message };
}

function refusal(path: readonly string[], message: string, hint: string): ProblemsError {
  return new ProblemsError([problem(path, 'INVALID_FILE', message, hint)]);
}

function withoutBlankLines(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== lineFeed && byte !== carriageReturn);
  return bytes.subarray(start === -1 ? bytes.length : start);
}
