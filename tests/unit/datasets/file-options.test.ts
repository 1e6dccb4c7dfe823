import { describe, expect, test } from 'vitest';
import { checkFileOptions } from '../../../src/preparation/check-file-options.js';
import { type FileOptions, noFileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';

const problems = (options: Partial<FileOptions>, format: FileFormat) =>
  checkFileOptions({ ...noFileOptions, ...options }, format).map(({ path, code }) => `${path.join('.')} ${code}`);

const delimited = { header: true, names: null, delimiter: null };
const list = { column: 'labels', separator: ';', items: null, emptyList: false };
const words = { number: 1, name: 'words' };

describe('checkFileOptions', () => {
  test.each<[string, Partial<FileOptions>, FileFormat]>([
    ['nothing for CSV', {}, 'CSV'],
    ['nothing for Parquet', {}, 'PARQUET'],
    ['a delimiter for CSV', { delimited: { ...delimited, delimiter: '\t' } }, 'CSV'],
    ['a tab for TSV', { delimited: { ...delimited, delimiter: '\t' } }, 'TSV'],
    ['a separator for TSV', { listColumns: [{ ...list, separator: ', ' }] }, 'TSV'],
    ['lists without separators for JSON Lines', { listColumns: [{ ...list, separator: null }] }, 'JSONL'],
    ['columns for CoNLL', { conll: { columns: [words, { number: 4, name: 'tags' }], separator: 'TAB' } }, 'CONLL'],
  ])('accepts %s', (_, options, format) => {
    expect(problems(options, format)).toEqual([]);
  });

  test.each<[string, Partial<FileOptions>, FileFormat, string[]]>([
    ['two characters', { delimited: { ...delimited, delimiter: '||' } }, 'CSV', ['delimited.delimiter INVALID_VALUE']],
    ['a quote', { delimited: { ...delimited, delimiter: '"' } }, 'CSV', ['delimited.delimiter INVALID_VALUE']],
    ['beyond ASCII', { delimited: { ...delimited, delimiter: '¦' } }, 'CSV', ['delimited.delimiter INVALID_VALUE']],
    ['a comma in TSV', { delimited: { ...delimited, delimiter: ',' } }, 'TSV', ['delimited.delimiter INVALID_VALUE']],
    ['delimiters in JSON Lines', { delimited }, 'JSONL', ['delimited INVALID_VALUE']],
    ['no separator', { listColumns: [{ ...list, separator: null }] }, 'CSV', ['listColumns.0.separator REQUIRED']],
    ['an empty one', { listColumns: [{ ...list, separator: '' }] }, 'CSV', ['listColumns.0.separator INVALID_VALUE']],
    ['one in JSON Lines', { listColumns: [list] }, 'JSONL', ['listColumns.0.separator INVALID_VALUE']],
    ['a column twice', { listColumns: [list, list] }, 'CSV', ['listColumns.1.column INVALID_VALUE']],
    ['lists of Parquet', { listColumns: [list] }, 'PARQUET', ['listColumns INVALID_VALUE']],
    ['no columns of CoNLL', {}, 'CONLL', ['conll REQUIRED']],
    ['none of them', { conll: { columns: [], separator: 'TAB' } }, 'CONLL', ['conll.columns REQUIRED']],
    [
      'columns from 0, and twice',
      { conll: { columns: [{ ...words, number: 0 }, words, words], separator: 'TAB' } },
      'CONLL',
      ['conll.columns.0.number INVALID_VALUE', 'conll.columns.2.number INVALID_VALUE'],
    ],
    ['columns of CoNLL for CSV', { conll: { columns: [words], separator: 'TAB' } }, 'CSV', ['conll INVALID_VALUE']],
  ])('refuses %s', (_, options, format, expected) => {
    expect(problems(options, format)).toEqual(expected.map((each) => `fileOptions.${each}`));
  });
});
