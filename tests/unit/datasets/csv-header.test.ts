import { describe, expect, test } from 'vitest';
import { type CsvLayoutRequest, readCsvLayout } from '../../../gpu-worker/preparation/ingestion/csv-header.js';
import { noQuoting, usualQuoting } from '../../../gpu-worker/preparation/ingestion/csv-quoting.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { DelimitedOptions } from '../../../src/protocol/datasets/file-options.js';

const layout = (text: string | Uint8Array, request: Partial<CsvLayoutRequest> = {}) =>
  readCsvLayout(Buffer.from(text), {
    format: 'CSV',
    options: null,
    isWholeFile: true,
    path: ['uploadId'],
    textNames: null,
    ...request,
  });

const options = (changes: Partial<DelimitedOptions>): Pick<CsvLayoutRequest, 'options'> => ({
  options: { header: null, names: null, delimiter: null, ...changes },
});

/** Path, code and message of the first problem. */
function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ProblemsError) {
      const [{ path, code, message }] = error.problems as [ProblemsError['problems'][number]];
      return `${path.join('.')} ${code}: ${message}`;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a line that names the delimiter', () => {
  test.each([
    ['sep=;\ntext, plain;label\na, b;x\n', {}, ';', ['text, plain', 'label']],
    ['sep=,\r\ntext;plain,label\r\na;b,x\r\n', {}, ',', ['text;plain', 'label']],
    ['"sep=|"\ntext|label\na|x\n', {}, '|', ['text', 'label']],
    ['SEP=\t\rtext\tlabel\ra\tx\r', {}, '\t', ['text', 'label']],
    ['sep=;\na;x\nb;y\n', options({ header: false }), ';', ['column1', 'column2']],
    ['sep=;\ntext|label\na|x\n', options({ delimiter: '|' }), '|', ['text', 'label']],
  ])('is no header: %j', (text, request, delimiter, names) => {
    expect(layout(text, request)).toMatchObject({
      dialect: { delimiter: delimiter.charCodeAt(0) },
      delimiterLine: true,
      names,
      notices: [],
    });
  });

  test.each(['sep=;', 'sep=;x;y\n1;2;3\n', 'step=;\n1;2\n', 'sep\n1\n'])('is not %j', (text) => {
    expect(layout(text)).toMatchObject({ delimiterLine: false });
  });
});

describe('a header', () => {
  test.each([
    ['a,b;c,d', '1;2,3;4,5;6', ',', ['a', 'b;c', 'd']],
    ['a;b;c', '1;2,3;4', ';', ['a', 'b', 'c']],
    ['a\tb', '1,2\t3', '\t', ['a', 'b']],
    ['a|b|c', '1|2|3', '|', ['a', 'b', 'c']],
    ['text', '1', ',', ['text']],
    ['"a, with comma";b;"c ""quoted"""', '1;2;3', ';', ['a, with comma', 'b', 'c "quoted"']],
    ['a "b,c', '1,2', ',', ['a "b', 'c']],
  ])('shows the delimiter: %j', (text, row, delimiter, names) => {
    expect(layout(`${text}\r\n${row}\n`)).toEqual({
      dialect: { ...usualQuoting, delimiter: delimiter.charCodeAt(0) },
      delimiterLine: false,
      header: true,
      names,
      columnsExpected: `The header has ${names.length} columns`,
      notices: delimiter === ',' ? [] : [{ code: 'DELIMITER_FOUND', message: expect.stringContaining('divided by') }],
    });
  });

  test('is divided by the delimiter that is given, whatever else it holds', () => {
    expect(layout('label (a,b,c);text\n', options({ delimiter: ';' })).names).toEqual(['label (a,b,c)', 'text']);
    expect(layout('a~b\n', options({ delimiter: '~' }))).toMatchObject({
      dialect: { delimiter: 126 },
      names: ['a', 'b'],
    });
    expect(layout('"a,""b"\n', options({ delimiter: ';' })).names).toEqual(['a,"b']);
  });

  test('takes quotes in TSV for characters', () => {
    expect(layout('a,b\t"c"\n', { format: 'TSV' })).toMatchObject({
      dialect: { ...noQuoting, delimiter: 9 },
      names: ['a,b', '"c"'],
    });
  });

  test('may have other names, as many as it has columns', () => {
    expect(layout(',text\n0,a\n', options({ names: ['index', 'text'] })).names).toEqual(['index', 'text']);
    expect(problemOf(() => layout('a,b,c\n', options({ names: ['a', 'b'] })))).toBe(
      'fileOptions.delimited.names INVALID_VALUE: The header has 3 columns, and 2 names are given.',
    );
  });

  test('is refused when it is blank, unnamed, unending, or not UTF-8', () => {
    expect(problemOf(() => layout('\n1,2'))).toContain('uploadId INVALID_FILE: The first line is blank.');
    expect(problemOf(() => layout('a,,'))).toContain('uploadId INVALID_COLUMN_NAME: Column 2 has no name.');
    expect(problemOf(() => layout('"a\nb",c\n1,2'))).toContain('has a line end or another control character');
    expect(problemOf(() => layout(Buffer.from('naïve,b\n', 'latin1')))).toContain('uploadId WRONG_FORMAT');
    expect(problemOf(() => layout('a,b', { isWholeFile: false }))).toContain(
      'The first row does not end within 3 bytes.',
    );
  });
});

describe('a file of texts alone', () => {
  const asks = 'fileOptions.delimited.header UNCLEAR_HEADER: The first line may name the columns or be data:';

  test.each([
    ['I loved it\nTerrible service\n', 'I loved it'],
    ['Great\nTerrible\nNot what I ordered\n', 'Great'],
    ['I loved it\n', 'I loved it'],
    ['"Well, yes"\n"Well, no"\n', 'Well, yes'],
  ])('is asked about its first line, which no name is expected to be: %j', (text, first) => {
    expect(problemOf(() => layout(text, { textNames: ['text'] }))).toBe(
      `${asks} “${first}” may be a text like those below it.`,
    );
    expect(layout(text).header).toBe(true);
    expect(layout(text, { textNames: ['text'], ...options({ header: true }) }).header).toBe(true);
    const names = ['review'];
    expect(layout(text, { textNames: ['text'], ...options({ names }) })).toMatchObject({ header: false, names });
  });

  test.each([
    ['customer feedback\nI loved it\nTerrible service\n', 'customer feedback'],
    ['review\nI loved it\nTerrible service\nFine\n', 'text'],
    ['stars\n5\n3\n', 'text'],
    ['text\nI loved it,5\nTerrible service,1\n', 'other'],
    ['name of it,text\nI loved it,Terrible service\n', 'other'],
  ])('has a header where a name stands above, and where there is more than texts: %j', (text, expected) => {
    expect(layout(text, { textNames: [expected] }).header).toBe(true);
  });
});

describe('a file without a header', () => {
  const headless = options({ header: false });

  test('has numbered columns, as many as its first row', () => {
    expect(layout('\r\n\n"a\nb",2;3,\nx\n', headless)).toEqual({
      dialect: { ...usualQuoting, delimiter: 44 },
      delimiterLine: false,
      header: false,
      names: ['column1', 'column2', 'column3'],
      columnsExpected: 'The first row has 3 columns',
      notices: [],
    });
    expect(layout('a\tb\n', { format: 'TSV', ...headless }).names).toEqual(['column1', 'column2']);
  });

  test('is divided by commas: data are a bad witness for another delimiter', () => {
    expect(layout('Well; yes; no,1\n', headless).names).toEqual(['column1', 'column2']);
    expect(layout('Well, yes;1\n', options({ header: false, delimiter: ';' })).names).toEqual(['column1', 'column2']);
  });

  test('has the names that are given, as many as its first row has values', () => {
    const names = ['text', 'labels', 'id'];
    expect(layout('a,1,x\n', options({ header: false, names }))).toMatchObject({ names, header: false });
    expect(problemOf(() => layout('a,1\n', options({ header: false, names })))).toBe(
      'fileOptions.delimited.names INVALID_VALUE: The first row has 2 columns, and 3 names are given.',
    );
    expect(problemOf(() => layout('a,1\n', options({ header: false, names: ['a', 'A'] })))).toContain(
      'fileOptions.delimited.names INVALID_COLUMN_NAME',
    );
  });

  test('needs names when its first row is longer than what is looked at', () => {
    const request = { isWholeFile: false, ...headless };
    expect(problemOf(() => layout('long text, and more', request))).toContain('uploadId INVALID_FILE');
    const named = { isWholeFile: false, ...options({ header: false, names: ['text', 'label', 'id'] }) };
    expect(layout('long text, and more', named).names).toEqual(['text', 'label', 'id']);
  });

  test('may have a first row that is not UTF-8: it is rejected like any other', () => {
    expect(layout(Buffer.from('naïve,b\nplain,c\n', 'latin1'), headless).names).toEqual(['column1', 'column2']);
  });

  test('of blank lines alone has no row', () => {
    expect(layout('\n\r\n', headless).names).toEqual(['column1']);
  });
});
