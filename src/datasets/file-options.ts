import { type InputProblem, problem } from '../problems/problem.js';
import type { FileFormat } from './split-request.js';

/** How a file is to be read, beyond its format. */
export interface FileOptions {
  /** Of CSV and TSV; null: as is usual. */
  readonly delimited: DelimitedOptions | null;
  /** Of CoNLL, which needs them. */
  readonly conll: ConllOptions | null;
  /** Of CSV, TSV and JSON Lines. */
  readonly listColumns: readonly ListColumn[];
}

export interface DelimitedOptions {
  /** Whether the first line names the columns. */
  readonly header: boolean;
  /** Of the columns, in their order; null: those of the header, or column1, column2 and so on. */
  readonly names: readonly string[] | null;
  /** One character. Null: a tab in TSV; in CSV the one that fits the header, without a header a comma. */
  readonly delimiter: string | null;
}

/** A column whose values are to be lists; a row in which one is none is rejected. */
export interface ListColumn {
  readonly column: string;
  /** Between the items of a text; null in JSON Lines, which has lists of its own. */
  readonly separator: string | null;
  /** Null: texts, or what JSON says they are. */
  readonly items: 'TEXT' | 'NUMBER' | null;
  /** Whether an empty field is a list without items; otherwise its value is missing. */
  readonly emptyList: boolean;
}

export interface ConllOptions {
  readonly columns: readonly { readonly number: number; readonly name: string }[];
  readonly separator: 'WHITESPACE' | 'TAB';
}

export const noFileOptions: FileOptions = { delimited: null, conll: null, listColumns: [] };

/** Where FileOptions are in a mutation's input. */
export const fileOptionsPath = ['fileOptions'] as const;
export const namesPath = [...fileOptionsPath, 'delimited', 'names'] as const;
export const delimiterPath = [...fileOptionsPath, 'delimited', 'delimiter'] as const;
export const conllPath = [...fileOptionsPath, 'conll'] as const;
export const conllColumnsPath = [...conllPath, 'columns'] as const;

export function listColumnPath(index: number, field: string): string[] {
  return [...fileOptionsPath, 'listColumns', String(index), field];
}

const maxSeparatorLength = 10;
const maxConllColumn = 1000;

/** What is wrong with the options by themselves, or for files of this format. */
export function checkFileOptions(options: FileOptions, format: FileFormat): InputProblem[] {
  return [
    ...checkDelimited(options.delimited, format),
    ...checkConll(options.conll, format),
    ...options.listColumns.flatMap((list, index) => [
      ...checkList(list, index, format),
      ...(options.listColumns.findIndex(({ column }) => column === list.column) < index
        ? [problem(listColumnPath(index, 'column'), 'INVALID_VALUE', `The column “${list.column}” is named twice.`)]
        : []),
    ]),
  ];
}

function checkDelimited(options: DelimitedOptions | null, format: FileFormat): InputProblem[] {
  if (options === null) return [];
  if (format !== 'CSV' && format !== 'TSV') return [otherFormat('delimited', 'CSV and TSV', format)];
  const { delimiter } = options;
  if (delimiter === null) return [];
  // A byte that is no part of another character, and none that means something else.
  if (!/^[\t -~]$/.test(delimiter) || delimiter === '"') {
    const message = 'A delimiter is one character of ASCII: no quote, and no line end.';
    return [problem(delimiterPath, 'INVALID_VALUE', message)];
  }
  if (format === 'CSV' || delimiter === '\t') return [];
  const message = 'TSV has tabs between its values.';
  return [problem(delimiterPath, 'INVALID_VALUE', message, 'Create the upload with format CSV.')];
}

function checkConll(options: ConllOptions | null, format: FileFormat): InputProblem[] {
  if (format !== 'CONLL') return options === null ? [] : [otherFormat('conll', 'CoNLL', format)];
  const example = 'e.g. `{ columns: [{ number: 1, name: "words" }, { number: 4, name: "tags" }] }`.';
  if (options === null) {
    const message = 'A CoNLL file does not say what its columns are.';
    return [problem(conllPath, 'REQUIRED', message, `Choose them by number, from 1, and name them, ${example}`)];
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
  const message = `A separator has 1 to ${maxSeparatorLength} characters: no quote, and no line end.`;
  return [problem(path, 'INVALID_VALUE', message)];
}

function otherFormat(field: string, formats: string, format: FileFormat, hint?: string): InputProblem {
  return problem([...fileOptionsPath, field], 'INVALID_VALUE', `This is for ${formats}; the file is ${format}.`, hint);
}
