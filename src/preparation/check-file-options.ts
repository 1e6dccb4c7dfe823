import { type InputProblem, problem } from '../problems/problem.js';
import type {
  ConllOptions,
  DelimitedOptions,
  FileOptions,
  JsonOptions,
  ListColumn,
  WorkbookOptions,
} from '../protocol/datasets/file-options.js';
import type { FileFormat } from '../protocol/datasets/split-request.js';

/** The path of FileOptions in a mutation's input. */
const fileOptionsPath = ['fileOptions'] as const;
const delimitedPath = [...fileOptionsPath, 'delimited'] as const;
export const headerPath = [...delimitedPath, 'header'] as const;
export const namesPath = [...fileOptionsPath, 'delimited', 'names'] as const;
const delimiterPath = [...fileOptionsPath, 'delimited', 'delimiter'] as const;
const rejectedSharePath = [...fileOptionsPath, 'maxRejectedShare'] as const;
const conllPath = [...fileOptionsPath, 'conll'] as const;
const encodingPath = [...fileOptionsPath, 'encoding'] as const;
const otherLinesEncodingPath = [...fileOptionsPath, 'otherLinesEncoding'] as const;
const jsonPath = [...fileOptionsPath, 'json'] as const;
export const jsonPathPath = [...jsonPath, 'path'] as const;
const workbookPath = [...fileOptionsPath, 'workbook'] as const;
export const sheetPath = [...workbookPath, 'sheet'] as const;
/** The path of the files of an archive that are chosen. */
export const archivedFilesPath = [...fileOptionsPath, 'archivedFiles'] as const;
export const conllColumnsPath = [...conllPath, 'columns'] as const;

export function listColumnPath(index: number, field: string): string[] {
  return [...fileOptionsPath, 'listColumns', String(index), field];
}

const maxSeparatorLength = 10;
const maxConllColumn = 1000;

/** Problems of the options themselves, and of options that do not fit this format. */
export function checkFileOptions(options: FileOptions, format: FileFormat): InputProblem[] {
  return [
    ...checkRejectedShare(options.maxRejectedShare ?? null),
    ...checkDelimited(options.delimited, format),
    ...checkConll(options.conll, format),
    ...checkIsText(options, format),
    ...checkEncodings(options),
    ...checkJson(options.json ?? null, format),
    ...checkWorkbook(options.workbook ?? null, format),
    ...options.listColumns.flatMap((list, index) => [
      ...checkList(list, index, format),
      ...(options.listColumns.findIndex(({ column }) => column === list.column) < index
        ? [problem(listColumnPath(index, 'column'), 'INVALID_VALUE', `The column “${list.column}” is named twice.`)]
        : []),
    ]),
  ];
}

function checkRejectedShare(share: number | null): InputProblem[] {
  if (share === null || (share >= 0 && share <= 1)) return [];
  return [problem(rejectedSharePath, 'INVALID_VALUE', `A share is from 0 to 1, not ${share}.`)];
}

function checkJson(options: JsonOptions | null, format: FileFormat): InputProblem[] {
  if (options === null || format === 'JSON') return [];
  if (format !== 'JSONL') return [otherFormat('json', 'JSON documents and JSON Lines', format)];
  if (options.path === null && options.layout === null) return [];
  const message = 'In JSON Lines each line is a row: there is no place and no layout to choose.';
  return [problem(jsonPath, 'INVALID_VALUE', message, 'A document in one line has the format JSON.')];
}

function checkWorkbook(options: WorkbookOptions | null, format: FileFormat): InputProblem[] {
  if (options === null) return [];
  if (format !== 'EXCEL') return [otherFormat('workbook', 'Excel workbooks', format)];
  const { sheet, sheetNumber } = options;
  if (sheet !== null && sheetNumber !== null) {
    return [problem(workbookPath, 'INVALID_VALUE', 'The sheet is chosen by name or by number, not by both.')];
  }
  if (sheetNumber === null || sheetNumber >= 1) return [];
  return [problem([...workbookPath, 'sheetNumber'], 'INVALID_VALUE', 'Sheets are numbered from 1.')];
}

function checkIsText({ encoding = null, otherLinesEncoding = null }: FileOptions, format: FileFormat): InputProblem[] {
  if (isText(format)) return [];
  return Object.entries({ encoding, otherLinesEncoding })
    .filter(([, label]) => label !== null)
    .map(([field]) => otherFormat(field, 'files of text', format));
}

/** Problems of the encodings themselves. */
export function checkEncodings({
  encoding = null,
  otherLinesEncoding = null,
}: Pick<FileOptions, 'encoding' | 'otherLinesEncoding'>): InputProblem[] {
  const given = [
    [encoding, encodingPath],
    [otherLinesEncoding, otherLinesEncodingPath],
  ] as const;
  const hint = 'e.g. `utf-8`, `utf-16le`, `windows-1252`, `iso-8859-2`, `shift_jis`, `gb18030`.';
  const problems = given.flatMap(([label, path]) =>
    label === null || canonicalEncoding(label) !== null
      ? []
      : [problem(path, 'INVALID_VALUE', `“${label}” is no encoding of the Encoding Standard.`, hint)],
  );
  if (encoding === null || otherLinesEncoding === null) return problems;
  const message = 'The lines that are not UTF-8 have an encoding of their own only where the file is UTF-8.';
  return [...problems, problem(otherLinesEncodingPath, 'INVALID_VALUE', message, 'Leave `encoding` out.')];
}

/** Whether files of a format are text, in some encoding. */
function isText(format: FileFormat): boolean {
  return format !== 'PARQUET' && format !== 'EXCEL';
}

/** The Encoding Standard's name of an encoding; null: it has none of this label. */
export function canonicalEncoding(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function checkDelimited(options: DelimitedOptions | null, format: FileFormat): InputProblem[] {
  if (options === null) return [];
  if (format === 'EXCEL') return checkCells(options);
  if (format !== 'CSV' && format !== 'TSV') return [otherFormat('delimited', 'CSV, TSV and Excel workbooks', format)];
  const { delimiter } = options;
  const problems = checkQuoting(options, format);
  if (delimiter === null) return problems;
  // The byte must not be part of another character, and must not have another meaning.
  if (!/^[\t -~]$/.test(delimiter) || delimiter === '"' || delimiter === options.quote) {
    const message = 'A delimiter is one ASCII character other than a quote or a line end.';
    return [problem(delimiterPath, 'INVALID_VALUE', message), ...problems];
  }
  if (format === 'CSV' || delimiter === '\t') return problems;
  const message = 'In TSV, tabs separate the values.';
  return [problem(delimiterPath, 'INVALID_VALUE', message, 'Create the upload with format CSV.'), ...problems];
}

/** A workbook has cells, with nothing between them. */
function checkCells({ delimiter, quote = null, quoteEscape = null, comment = null }: DelimitedOptions): InputProblem[] {
  const given = Object.entries({ delimiter, quote, quoteEscape, comment }).filter(([, value]) => value !== null);
  return given.map(([field]) =>
    problem([...delimitedPath, field], 'INVALID_VALUE', `A workbook has cells, and no ${field}.`),
  );
}

function checkQuoting({ quote = null, quoteEscape = null, comment = null }: DelimitedOptions, format: FileFormat) {
  const problems: InputProblem[] = [];
  const wrong = (field: string, message: string, hint?: string) =>
    problems.push(problem([...delimitedPath, field], 'INVALID_VALUE', message, hint));
  if (format === 'TSV' && (quote !== null || quoteEscape !== null)) {
    wrong(quote !== null ? 'quote' : 'quoteEscape', 'TSV has no quotes.', 'Tab-separated text with quotes is CSV.');
  }
  if (quote !== null && quote !== '' && !/^[!-/:-@[-`{-~]$/.test(quote)) {
    wrong('quote', 'A quote is one sign of ASCII, or an empty text where there are no quotes.');
  }
  if (quoteEscape === 'BACKSLASH' && quote === '\\') wrong('quoteEscape', 'The backslash is the quote.');
  if (comment !== null && (!/^[!-/:-@[-`{-~]$/.test(comment) || comment === (quote ?? '"'))) {
    wrong('comment', 'Comments begin with one sign of ASCII other than the quote.');
  }
  return problems;
}

function checkConll(options: ConllOptions | null, format: FileFormat): InputProblem[] {
  if (format !== 'CONLL') return options === null ? [] : [otherFormat('conll', 'CoNLL', format)];
  const example = 'e.g. `{ columns: [{ number: 1, name: "words" }, { number: 4, name: "tags" }] }`.';
  if (options === null) {
    const message = 'A CoNLL file does not name its columns.';
    return [problem(conllPath, 'REQUIRED', message, `Choose columns by number, from 1, and name them, ${example}`)];
  }
  const { columns } = options;
  if (columns.length === 0) return [problem(conllColumnsPath, 'REQUIRED', 'Choose at least one column.', example)];
  return columns.flatMap(({ number }, index) => {
    const path = [...conllColumnsPath, String(index), 'number'];
    if (!(number >= 1 && number <= maxConllColumn)) {
      return [problem(path, 'INVALID_VALUE', `Columns are numbered from 1 to ${maxConllColumn}.`)];
    }
    if (columns.findIndex((other) => other.number === number) === index) return [];
    return [problem(path, 'INVALID_VALUE', `Column ${number} is chosen twice.`)];
  });
}

function checkList({ separator }: ListColumn, index: number, format: FileFormat): InputProblem[] {
  if (format === 'PARQUET' || format === 'CONLL') {
    const hint = 'The file itself says which columns hold lists.';
    return [otherFormat('listColumns', 'tables of text, JSON and workbooks', format, hint)];
  }
  const path = listColumnPath(index, 'separator');
  if (format === 'JSONL' || format === 'JSON') {
    const hint = 'Leave it out, or upload texts with separators as CSV.';
    return separator === null
      ? []
      : [problem(path, 'INVALID_VALUE', 'JSON has lists of its own, which need no separator.', hint)];
  }
  if (separator === null) {
    return [problem(path, 'REQUIRED', `In ${format} the items of a list need a separator.`, 'e.g. `";"` or `" "`.')];
  }
  if (separator !== '' && separator.length <= maxSeparatorLength && !/["\n\r\0]/.test(separator)) return [];
  const message = `A separator has 1 to ${maxSeparatorLength} characters other than a quote or a line end.`;
  return [problem(path, 'INVALID_VALUE', message)];
}

function otherFormat(field: string, formats: string, format: FileFormat, hint?: string): InputProblem {
  return problem(
    [...fileOptionsPath, field],
    'INVALID_VALUE',
    `This option is only for ${formats}; the file is ${format}.`,
    hint,
  );
}
