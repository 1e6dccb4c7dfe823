import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles, valuesOf } from '../../support/dataset-files.js';
import { startTestPlatform, type TestPlatform } from '../../support/platform.js';

/** What is asked, told and refused of files whose form is not certain. */

let database: TestDatabase;
let platform: TestPlatform;
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
});

const { versionOf, problemsOf } = datasetFiles(() => platform.client);

describe('a first line that looks like data', () => {
  const file = 'Free entry!,spam\nSee you at six,ham\nOk,ham\nYou have won,spam\n';

  test('is asked about', async () => {
    expect(await problemsOf(file, 'CSV')).toEqual([
      {
        path: ['fileOptions', 'delimited', 'header'],
        code: 'UNCLEAR_HEADER',
        message: 'The first line may name the columns or be data: “spam” stands below it again, once.',
        hint: 'If it is data, give `fileOptions: { delimited: { header: false, names: ["name 1", "name 2"] } }`; if it names the columns, `header: true`.',
      },
    ]);
    const tsv = file.replaceAll(',', '\t');
    expect(await problemsOf(tsv, 'TSV')).toMatchObject([{ code: 'UNCLEAR_HEADER' }]);
  });

  test.each([
    [{ header: true }, ['Free entry!', 'spam'], 3, { header: true, names: null }, []],
    [{ header: false }, ['column1', 'column2'], 4, { header: false, names: null }, []],
    [{ header: false, names: ['text', 'label'] }, ['text', 'label'], 4, { header: false }, []],
    [{ header: true, names: ['text', 'label'] }, ['text', 'label'], 3, { header: true }, []],
    [{ names: ['text', 'label'] }, ['text', 'label'], 4, { header: false }, ['FIRST_LINE_IS_DATA']],
  ])('is read as %j says', async (delimited, names, exampleCount, read, notices) => {
    const version = await versionOf(file, 'CSV', { fileOptions: { delimited } });
    expect(version.columns.map(({ name }) => name)).toEqual(names);
    expect(version).toMatchObject({ exampleCount, fileOptions: { delimited: read } });
    expect(version.notices.map(({ code }) => code)).toEqual(notices);
  });

  test('is not seen in names above numbers, and given names replace them', async () => {
    const version = await versionOf('spam,n\nspam,1\nham,2\n', 'CSV', {
      fileOptions: { delimited: { names: ['label', 'count'] } },
    });
    expect(version).toMatchObject({ exampleCount: 2, notices: [], fileOptions: { delimited: { header: true } } });
  });
});

test('a line above the header that names the delimiter is followed, and is no row', async () => {
  const file = '\uFEFFsep=;\r\ntext;label\r\na, b;x\r\nc;y;z\r\nd, e;y\r\n';
  expect(await versionOf(file, 'CSV')).toMatchObject({
    columns: [{ name: 'text' }, { name: 'label' }],
    notices: [],
    rejectedRows: { nodes: [{ line: 4, code: 'TOO_MANY_COLUMNS' }] },
    examples: { nodes: [{ values: { text: 'a, b', label: 'x' } }, { values: { text: 'd, e', label: 'y' } }] },
  });
});

describe('columns without a name', () => {
  test.each([
    ['of pandas', 'CSV', ',text,label\n0,hello,a\n1,world,b\n', ['column1', 'text', 'label'], 1],
    ['of write.csv', 'CSV', '"","text","label"\n"1","hello","a"\n"2","world","b"\n', ['column1', 'text', 'label'], 1],
    ['of write.table', 'TSV', 'text\tlabel\n1\thello\ta\n2\tworld\tb\n', ['column1', 'text', 'label'], 1],
    ['beside a taken name', 'CSV', ',Column1,text,\n0,3,hello,\n', ['column1_2', 'Column1', 'text', 'column4'], 2],
    ['in JSON Lines', 'JSONL', '{"":0,"text":"hello"}\n', ['column1', 'text'], 1],
  ])('%s are named, and told', async (_, format, content, names, count) => {
    const version = await versionOf(content, format);
    expect(version.columns.map(({ name }) => name)).toEqual(names);
    expect(version.notices).toHaveLength(count);
    expect(version.notices[0]).toEqual({
      code: 'UNNAMED_COLUMN',
      message: `Column 1 has no name, and was named “${names[0]}”. pandas and R write row numbers so; \`index=False\` or \`row.names=FALSE\` leaves them out.`,
    });
    expect(JSON.stringify(valuesOf(version)[0])).toContain('hello');
  });

  test('are no header if they are most', async () => {
    expect(await problemsOf('Report,,\na,b,c\n', 'CSV')).toMatchObject([
      { code: 'INVALID_COLUMN_NAME', message: 'Column 2 has no name.' },
      { code: 'INVALID_COLUMN_NAME', message: 'Column 3 has no name.' },
    ]);
  });
});

describe('a file of which most rows are rejected', () => {
  const file = `text,label\n${'good,a\n'.repeat(3)}${'it is, I think, bad,b\n'.repeat(4)}"x"y,c\n`;

  test('is refused, with the first reasons', async () => {
    expect(await problemsOf(file, 'CSV')).toEqual([
      {
        path: ['uploadId'],
        code: 'TOO_MANY_REJECTED',
        message:
          '5 of 8 rows could not be read, 62.5 %; at most 50 % may be. The first: line 5: The header has 2 columns, the row 4. line 6: The header has 2 columns, the row 4. line 9: Something follows the closing quote of a value.',
        hint: 'Double the quotes within a value, as in `"he said ""hi"" 1"`; or say how the file writes them: `fileOptions: { delimited: { quoteEscape: BACKSLASH } }`, or another `quote`, of which an empty text is none. Does the file have the format that the upload declared? It was read divided by commas; `fileOptions: { delimited: { delimiter: ";" } }` names another delimiter. To leave these rows out, give `fileOptions: { maxRejectedShare: 0.63 }`.',
      },
    ]);
  });

  test('is read if that many may be', async () => {
    expect(await versionOf(file, 'CSV', { fileOptions: { maxRejectedShare: 0.63 } })).toMatchObject({
      exampleCount: 3,
      rejectedCount: 5,
      fileOptions: { delimited: null, maxRejectedShare: 0.63 },
    });
    expect(await problemsOf('a,b\n1,2\n3\n', 'CSV', { fileOptions: { maxRejectedShare: 0 } })).toMatchObject([
      { code: 'TOO_MANY_REJECTED' },
    ]);
    expect(await problemsOf('a,b\n1,2\n', 'CSV', { fileOptions: { maxRejectedShare: 1.5 } })).toMatchObject([
      { path: ['fileOptions', 'maxRejectedShare'], code: 'INVALID_VALUE' },
    ]);
  });
});

describe('a file of another format than it was sent as', () => {
  const file = 'EU NNP B-ORG\nrejects VBZ O\n\nPeter NNP B-PER\nBlackburn NNP I-PER\n';

  test('CoNLL as a table is refused, with the format', async () => {
    for (const format of ['CSV', 'TSV']) {
      expect(await problemsOf(file, format)).toEqual([
        {
          path: ['uploadId'],
          code: 'INVALID_FILE',
          message: 'The file looks like CoNLL: a word a line, its tag at the end, blank lines between sentences.',
          hint: 'Create the upload with format CONLL, and choose its columns with `fileOptions: { conll: … }`. To read it as a table all the same, give `fileOptions: { delimited: { header: false } }`.',
        },
      ]);
    }
  });

  test('and is read as one for whoever says so', async () => {
    const version = await versionOf(file, 'CSV', { fileOptions: { delimited: { header: false } } });
    expect(version).toMatchObject({ exampleCount: 4, columns: [{ name: 'column1', type: 'TEXT' }] });
  });
});

describe('a key of JSON Lines with lists in some rows and other values in others', () => {
  const file = '{"text":"a","topics":["x","y"]}\n{"text":"b","topics":"x"}\n{"text":"c","topics":null}\n';

  test('is JSON, and told', async () => {
    const version = await versionOf(file, 'JSONL');
    expect(version.columns.map(({ type }) => type)).toEqual(['TEXT', 'JSON']);
    expect(version.notices).toEqual([
      {
        code: 'MIXED_LISTS',
        message:
          '“topics” has lists in some rows and other values in others: all of it is JSON, which no head learns from. Name it in `fileOptions: { listColumns: [{ column: "topics" }] }`: rows without a list are rejected then.',
      },
    ]);
  });

  test('is one of lists where it is named as such, and nothing is told', async () => {
    const version = await versionOf(file, 'JSONL', { fileOptions: { listColumns: [{ column: 'topics' }] } });
    expect(version).toMatchObject({ exampleCount: 2, rejectedCount: 1, notices: [] });
    expect(version.columns.map(({ type }) => type)).toEqual(['TEXT', 'TEXT_LIST']);
  });

  test('of lists alone, or of other values alone, nothing is told', async () => {
    const version = await versionOf('{"a":["x"],"b":"x"}\n{"a":[],"b":"y"}\n', 'JSONL');
    expect(version.notices).toEqual([]);
  });
});

test('a column of few numbers is told', async () => {
  const rows = Array.from({ length: 60 }, (_, index) => `"text ${index}",${(index % 3) + 1},${index}`);
  const version = await versionOf(`text,stars,count\n${rows.join('\n')}\n`, 'CSV');
  expect(version.notices.map(({ code, message }) => [code, String(message).slice(0, 7)])).toEqual([
    ['FEW_NUMBERS', '“stars”'],
  ]);
});
