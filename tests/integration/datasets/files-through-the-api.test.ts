import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import {
  datasetFiles,
  type Problem,
  problemFields,
  type Version,
  valuesOf,
  versionFields,
} from '../../support/dataset-files.js';
import { parquetOf } from '../../support/parquet.js';
import { startTestPlatform, type TestPlatform } from '../../support/platform.js';

/**
 * Files with lists, without headers and in CoNLL, from the upload to their examples, on the product as a user starts
 * it.
 */

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

const { upload, versionOf, problemsOf } = datasetFiles(() => platform.client);

describe('TSV without a header', () => {
  test('has the names that are given, and lists of the labels as they stand', async () => {
    const file =
      'Quite good.\t27\tid1\nBoth "so\t2,17\tid2\n\t5\tid3\nNone\t\tid4\nTwo commas\t3,,4\tid5\nToo few\t1\n';
    const version = await versionOf(file, 'TSV', {
      fileOptions: {
        delimited: { header: false, names: ['text', 'labels', 'id'] },
        listColumns: [{ column: 'labels', separator: ',', emptyList: true }],
      },
    });
    expect(valuesOf(version)).toEqual([
      { text: 'Quite good.', labels: ['27'], id: 'id1' },
      { text: 'Both "so', labels: ['2', '17'], id: 'id2' },
      { text: null, labels: ['5'], id: 'id3' },
      { text: 'None', labels: [], id: 'id4' },
    ]);
    expect(version.columns[1]).toEqual({
      name: 'labels',
      type: 'TEXT_LIST',
      missing: 0,
      distinct: 4,
      labels: ['17', '2', '27', '5'].map((label) => ({ label, count: 1 })),
      lengths: { shortest: 0, longest: 2, mean: 1 },
    });
    expect(version.rejectedRows.nodes).toEqual([
      { line: 5, code: 'INVALID_LIST', reason: 'Item 2 of “labels” is empty.', excerpt: 'Two commas\t3,,4\tid5' },
      { line: 6, code: 'TOO_FEW_COLUMNS', reason: 'The first row has 3 columns, the row 2.', excerpt: 'Too few\t1' },
    ]);
    expect(version.fileOptions).toEqual({
      delimited: { header: false, names: ['text', 'labels', 'id'], delimiter: null },
      conll: null,
      listColumns: [{ column: 'labels', separator: ',', items: null, emptyList: true }],
      maxRejectedShare: null,
    });
  });

  test('has numbered columns when none are named', async () => {
    const version = await versionOf('a\t1\nb\t2\n', 'TSV', { fileOptions: { delimited: { header: false } } });
    expect(valuesOf(version)).toEqual([
      { column1: 'a', column2: 1 },
      { column1: 'b', column2: 2 },
    ]);
  });
});

describe('CSV', () => {
  test('has words with tags, and lists of numbers, whole or not', async () => {
    const file = [
      'words;tags;box;point',
      'listen to  westbam ;O O B-artist;1, 2;"1,0.25"',
      'play; O;3;-1e3,2',
      '',
    ].join('\r\n');
    const version = await versionOf(file, 'CSV', {
      fileOptions: {
        delimited: { delimiter: ';' },
        listColumns: [
          { column: 'words', separator: ' ' },
          { column: 'tags', separator: ' ' },
          { column: 'box', separator: ',', items: 'NUMBER' },
          { column: 'point', separator: ',', items: 'NUMBER' },
        ],
      },
    });
    expect(version.columns.map(({ name, type }) => [name, type])).toEqual([
      ['words', 'TEXT_LIST'],
      ['tags', 'TEXT_LIST'],
      ['box', 'INTEGER_LIST'],
      ['point', 'FLOAT_LIST'],
    ]);
    expect(valuesOf(version)).toEqual([
      { words: ['listen', 'to', 'westbam'], tags: ['O', 'O', 'B-artist'], box: [1, 2], point: [1, 0.25] },
      { words: ['play'], tags: ['O'], box: [3], point: [-1000, 2] },
    ]);
  });

  test('is refused for options that do not fit, each told with its place', async () => {
    expect(
      await problemsOf('a,b\nx,1\n', 'CSV', { fileOptions: { listColumns: [{ column: 'c', separator: ';' }] } }),
    ).toEqual([
      {
        path: ['fileOptions', 'listColumns', '0', 'column'],
        code: 'UNKNOWN_COLUMN',
        message: 'The file has no column “c”.',
        hint: 'Did you mean “a”? There are: a, b.',
      },
    ]);
    const twoWrong = { delimited: { delimiter: '||' }, listColumns: [{ column: 'a' }] };
    expect(
      (await problemsOf('a,b\nx,1\n', 'CSV', { fileOptions: twoWrong })).map(({ path }) => path.join('.')),
    ).toEqual(['fileOptions.delimited.delimiter', 'fileOptions.listColumns.0.separator']);
  });

  test('cannot be stratified by a column of lists', async () => {
    const options = {
      fileOptions: { listColumns: [{ column: 'labels', separator: ';' }] },
      split: { stratifyBy: 'labels' },
    };
    expect(await problemsOf('text,labels\na,x;y\n', 'CSV', options)).toMatchObject([
      { path: ['split', 'stratifyBy'], code: 'WRONG_COLUMN_TYPE' },
    ]);
  });

  const numbered = (rows: number) => Array.from({ length: rows }, (_, i) => `${i},text ${i},${i % 2}`);
  const csvOf = (lines: readonly string[]) => `pair_ID,text,label\n${lines.join('\n')}\n`;

  test('cannot be stratified by unique values, which leave splits empty', async () => {
    expect(await problemsOf(csvOf(numbered(300)), 'CSV', { split: { stratifyBy: 'pair_ID' } })).toEqual([
      {
        path: ['split', 'stratifyBy'],
        code: 'INVALID_VALUE',
        message:
          'Column “pair_ID”: 300 different values in 300 rows leave nothing for the splits “validation”, “test”.',
        hint: 'Stratify by a column of few classes, or not at all.',
      },
    ]);
    const grouped = csvOf(Array.from({ length: 300 }, (_, i) => `${i},text ${i},${i % 80}`));
    expect(await problemsOf(grouped, 'CSV', { split: { stratifyBy: 'pair_ID', keepTogether: ['label'] } })).toEqual([
      {
        path: ['split', 'stratifyBy'],
        code: 'INVALID_VALUE',
        message:
          'Rows that are equal in “label” stay together. Their groups, stratified by “pair_ID” (80 different values among their first rows), leave nothing for the splits “validation”, “test”.',
        hint: 'Keep smaller groups together (`keepTogether`), stratify by a column of few classes, or do not stratify.',
      },
    ]);
    const one = [
      { name: 'train', fraction: 0.4 },
      { name: 'test', fraction: 0.3 },
      { name: 'more', fraction: 0.3 },
    ];
    expect(
      await problemsOf(csvOf(numbered(30)), 'CSV', { split: { stratifyBy: 'pair_ID', fractions: one } }),
    ).toMatchObject([{ message: expect.stringContaining('“test”, “more”') }]);
  });

  test('is stratified by few classes, and where splits stay empty for want of rows', async () => {
    expect(await versionOf(csvOf(numbered(300)), 'CSV', { split: { stratifyBy: 'label' } })).toMatchObject({
      exampleCount: 300,
    });
    const version = await versionOf(csvOf(numbered(1)), 'CSV', { split: { stratifyBy: 'pair_ID' } });
    expect(version).toMatchObject({ exampleCount: 1, examples: { nodes: [{ values: { text: 'text 0' } }] } });
  });

  test('with the same options and key is the same dataset, with others a reused key', async () => {
    const uploadId = await upload('a,b\nx,y;z\n', 'CSV');
    const input = { name: 'once', uploadId, idempotencyKey: 'once' };
    const fileOptions = { listColumns: [{ column: 'b', separator: ';' }] };
    const call = async (options: Record<string, unknown>) =>
      platform.client.request<{ createDataset: { id?: string; problems?: Problem[] } }>(
        `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { id } ${problemFields} } }`,
        { input: { ...input, ...options } },
      );
    const first = await call({ fileOptions });
    expect(first.createDataset.id).toEqual(expect.any(String));
    // What is null is as if it had not been given.
    expect(await call({ fileOptions: { ...fileOptions, delimited: null } })).toEqual(first);
    expect((await call({})).createDataset.problems).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });
});

describe('JSON Lines', () => {
  test('have lists as they are, and numbers that JSON cannot hold as text', async () => {
    const file = '{"labels":["b","a"],"ids":[9007199254740993,1]}\n{"labels":[],"ids":null}\n';
    const version = await versionOf(file, 'JSONL');
    expect(valuesOf(version)).toEqual([
      { labels: ['b', 'a'], ids: ['9007199254740993', 1] },
      { labels: [], ids: null },
    ]);
    expect(version.fileOptions).toBeNull();
  });

  test('reject rows without a list where one is asked for', async () => {
    const file = '{"labels":["a"]}\n{"labels":"b"}\n{"labels":["a",null]}\n{"labels":[["a"]]}\n{"labels":null}\n';
    const version = await versionOf(file, 'JSONL', {
      fileOptions: { listColumns: [{ column: 'labels' }], maxRejectedShare: 0.6 },
    });
    expect(version.columns).toMatchObject([{ type: 'TEXT_LIST', missing: 1 }]);
    expect(version.fileOptions).toMatchObject({ maxRejectedShare: 0.6 });
    expect(version.rejectedRows.nodes.map(({ line, code, reason }) => [line, code, reason])).toEqual([
      [2, 'INVALID_LIST', '“labels” is a text, not a list.'],
      [3, 'INVALID_LIST', 'Item 2 of “labels” is null, not a text or a number.'],
      [4, 'INVALID_LIST', 'Item 1 of “labels” is a list, not a text or a number.'],
    ]);
    // Without being asked for, they are what they are.
    expect((await versionOf(file, 'JSONL')).columns).toMatchObject([{ type: 'JSON', lengths: null }]);
  });

  test('have numbers as texts, or texts as no numbers, where that is asked for', async () => {
    const file = '{"a":[1,2],"b":[1,0.5]}\n{"a":["x"],"b":["1"]}\n{"a":[3],"b":[2]}\n';
    const listColumns = [
      { column: 'a', items: 'TEXT' },
      { column: 'b', items: 'NUMBER' },
    ];
    const version = await versionOf(file, 'JSONL', { fileOptions: { listColumns } });
    expect(valuesOf(version)).toEqual([
      { a: ['1', '2'], b: [1, 0.5] },
      { a: ['3'], b: [2] },
    ]);
    expect(version.rejectedRows.nodes).toMatchObject([{ line: 2, reason: 'Item 1 of “b” is a text, not a number.' }]);
  });
});

describe('CoNLL', () => {
  const conll = {
    columns: [
      { number: 1, name: 'words' },
      { number: 4, name: 'tags' },
    ],
  };

  test('has a row for each sentence, whose lists are of one length', async () => {
    const file = [
      '\ufeff-DOCSTART- -X- O O',
      '',
      'EU NNP B-NP B-ORG',
      'rejects VBZ B-VP O',
      '',
      'Peter NNP B-NP',
      '',
      'Blackburn NNP B-NP B-PER',
    ].join('\r\n');
    const version = await versionOf(file, 'CONLL', { fileOptions: { conll } });
    expect(version).toMatchObject({ format: 'CONLL', exampleCount: 2, rejectedCount: 1 });
    expect(valuesOf(version)).toEqual([
      { words: ['EU', 'rejects'], tags: ['B-ORG', 'O'] },
      { words: ['Blackburn'], tags: ['B-PER'] },
    ]);
    expect(version.columns[1]).toMatchObject({
      name: 'tags',
      type: 'TEXT_LIST',
      labels: [
        { label: 'B-ORG', count: 1 },
        { label: 'B-PER', count: 1 },
        { label: 'O', count: 1 },
      ],
      lengths: { shortest: 1, longest: 2, mean: 1.5 },
    });
    expect(version.rejectedRows.nodes).toMatchObject([
      { line: 6, code: 'TOO_FEW_COLUMNS', reason: 'Line 6 has 3 columns; column 4 was requested.' },
    ]);
    expect(version.fileOptions).toMatchObject({ conll: { ...conll, separator: 'WHITESPACE' }, listColumns: [] });
  });

  test('needs its columns, with names of their own', async () => {
    expect(await problemsOf('a X\n', 'CONLL')).toMatchObject([{ path: ['fileOptions', 'conll'], code: 'REQUIRED' }]);
    const twice = { columns: conll.columns.map(({ number }) => ({ number, name: 'words' })) };
    expect(await problemsOf('a X Y Z\n', 'CONLL', { fileOptions: { conll: twice } })).toMatchObject([
      { path: ['fileOptions', 'conll', 'columns'], code: 'INVALID_COLUMN_NAME' },
    ]);
  });

  test('without a sentence, or without a good one, is refused', async () => {
    expect(await problemsOf('-DOCSTART-\n\n\n', 'CONLL', { fileOptions: { conll } })).toMatchObject([
      { path: ['uploadId'], code: 'EMPTY_FILE' },
    ]);
    expect(await problemsOf('a b\n\nc d\n', 'CONLL', { fileOptions: { conll } })).toMatchObject([
      {
        path: ['uploadId'],
        code: 'NO_VALID_ROWS',
        message: 'None of the 2 rows could be read; the first: line 1: Line 1 has 2 columns; column 4 was requested.',
      },
    ]);
  });
});

test('a further version may be read in another way', async () => {
  const add = async (datasetId: string, content: string, fileOptions: unknown) => {
    const uploadId = await upload(content, 'CSV');
    return platform.client.mutate<Version>(
      `mutation ($input: AddDatasetVersionInput!) {
         addDatasetVersion(input: $input) { ... on DatasetVersion { ${versionFields} } ${problemFields} }
       }`,
      { datasetId, uploadId, fileOptions },
    );
  };
  const { id } = await platform.client.mutate<{ id: string }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { id } ${problemFields} } }`,
    { name: 'two ways', uploadId: await upload('a,b\nx,y\n', 'CSV') },
  );
  const version = await add(id, 'x~y\n', { delimited: { header: false, names: ['a', 'b'], delimiter: '~' } });
  expect(valuesOf(version)).toEqual([{ a: 'x', b: 'y' }]);
});

test('values arrive in the order of the file, also of columns named by whole numbers', async () => {
  const { id } = await versionOf('{"text":"x","2020":3405691582912345671,"2019":{"n":3405691582912345672}}\n', 'JSONL');
  const query = `{ node(id: "${id}") { ... on DatasetVersion { columns { name } examples { nodes { values } } } } }`;
  const answer = await fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  expect(await answer.text()).toContain(
    '"columns":[{"name":"text"},{"name":"2020"},{"name":"2019"}],"examples":{"nodes":[{"values":{"text":"x","2020":"3405691582912345671","2019":{"n":"3405691582912345672"}}}]}',
  );
});

test('Parquet with binary data, far times and numbers that are none is read as far as it goes', async () => {
  const file = await parquetOf(`SELECT 'a text' AS text, encode('good') AS label, '\\xFF'::BLOB AS image,
    {'at': [0.5, 'NaN'::DOUBLE]} AS place, TIMESTAMP '287168-08-24 16:00:00.000001' AS until`);
  const version = await versionOf(Uint8Array.from(file), 'PARQUET', {
    split: { fractions: [{ name: 'all', fraction: 1 }] },
  });
  expect(version.leftOutColumns).toEqual([
    { name: 'image', code: 'BINARY_DATA', reason: 'The column holds binary data that is no text.' },
  ]);
  expect(valuesOf(version)).toEqual([
    { text: 'a text', label: 'good', place: { at: [0.5, 'NaN'] }, until: '+287168-08-24T16:00:00.000001Z' },
  ]);
  const { createExperiment } = await platform.client.request<{ createExperiment: { problems: Problem[] } }>(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ${problemFields} } }`,
    {
      input: {
        name: 'of images',
        baseModelId: await bundledModel(),
        datasetVersionId: version.id,
        method: { supervised: { textColumn: 'image', labelColumn: 'label' } },
        trainSplit: 'all',
      },
    },
  );
  expect(createExperiment.problems).toContainEqual({
    path: ['method', 'supervised', 'textColumn'],
    code: 'UNKNOWN_COLUMN',
    message: 'The column “image” of the file was left out: the column holds binary data that is no text.',
    hint: 'Store text as strings in UTF-8, and upload the file again.',
  });
});

async function bundledModel(): Promise<string> {
  const { project } = await platform.client.request<{ project: { baseModels: { nodes: { id: string }[] } } }>(
    '{ project(slug: "default") { baseModels(first: 1) { nodes { id } } } }',
  );
  return project.baseModels.nodes[0]!.id;
}
