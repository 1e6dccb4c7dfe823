import { type InputProblem, problem } from '../problems/problem.js';
import type { ConllOptions, DelimitedOptions, FileOptions, ListColumn } from '../protocol/datasets/file-options.js';
import type { FileFormat } from '../protocol/datasets/split-request.js';

/** The path of FileOptions in a mutation's input. */
const fileOptionsPath = ['fileOptions'] as const;
export const headerPath = [...fileOptionsPath, 'delimited', 'header'] as const;
export const namesPath = [...fileOptionsPath, 'delimited', 'names'] as const;
const delimiterPath = [...fileOptionsPath, 'delimited', 'delimiter'] as const;
const rejectedSharePath = [...fileOptionsPath, 'maxRejectedShare'] as const;
const conllPath = [...fileOptionsPath, 'conll'] as const;
const encodingPath = [...fileOptionsPath, 'encoding'] as const;
const otherLinesEncodingPath = [...fileOptionsPath, 'otherLinesEncoding'] as const;
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
    ...checkEncodings(options, format),
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

function checkEncodings(
  { encoding = null, otherLinesEncoding = null }: FileOptions,
  format: FileFormat,
): InputProblem[] {
  const given = [
    [encoding, encodingPath],
    [otherLinesEncoding, otherLinesEncodingPath],
  ] as const;
  const problems = given.flatMap(([label, path]) => (label === null ? [] : checkEncoding(label, path, format)));
  if (encoding === null || otherLinesEncoding === null) return problems;
  const message = 'The lines that are not UTF-8 have an encoding of their own only where the file is UTF-8.';
  return [...problems, problem(otherLinesEncodingPath, 'INVALID_VALUE', message, 'Leave `encoding` out.')];
}

function checkEncoding(label: string, path: readonly string[], format: FileFormat): InputProblem[] {
  if (!isText(format)) return [otherFormat(path.at(-1)!, 'files of text', format)];
  if (canonicalEncoding(label) !== null) return [];
  const hint = 'e.g. `utf-8`, `utf-16le`, `windows-1252`, `iso-8859-2`, `shift_jis`, `gb18030`.';
  return [problem(path, 'INVALID_VALUE', `“${label}” is no encoding of the Encoding Standard.`, hint)];
}

/** Whether files of a format are text, in some encoding. */
export function isText(format: FileFormat): boolean {
  return format !== 'PARQUET';
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
  if (format !== 'CSV' && format !== 'TSV') return [otherFormat('delimited', 'CSV and TSV', format)];
  const { delimiter } = options;
  if (delimiter === null) return [];
  // The byte must not be part of another character, and must not have another meaning.
  if (!/^[\t -~]$/.test(delimiter) || delimiter === '"') {
    const message = 'A delimiter is one ASCII character other than a quote or a line end.';
    return [problem(delimiterPath, 'INVALID_VALUE', message)];
  }
  if (format === 'CSV' || delimiter === '\t') return [];
  const message = 'In TSV, tabs separate the values.';
  return [problem(delimiterPath, 'INVALID_VALUE', message, 'Create the upload with format CSV.')];
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
    return [otherFormat('listColumns', 'CSV, TSV and JSONL', format, hint)];
  }
  const path = listColumnPath(index, 'separator');
  if (format === 'JSONL') {
    const hint = 'Leave it out, or upload texts with separators as CSV.';
    return separator === null
      ? []
      : [problem(path, 'INVALID_VALUE', 'JSON Lines has lists of its own, which need no separator.', hint)];
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
