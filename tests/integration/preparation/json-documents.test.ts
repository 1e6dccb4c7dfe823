import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const rows = ['{"text":"a","label":1}', '{"text":"b","label":2}'];
const objects = [
  { text: 'a', label: 1 },
  { text: 'b', label: 2 },
];
const options = (json: { path?: string; layout?: 'RECORDS' | 'ROWS' | 'COLUMNS'; flatten?: boolean }) => ({
  options: { json: { path: null, layout: null, flatten: false, ...json } },
});

describe('rows are found', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['in a list of objects', objects, rows],
    ['in a list inside of an object', { version: 1, data: objects }, rows],
    ['deeper', { meta: { tags: ['x'] }, data: { items: objects } }, rows],
    ['in columns', { text: ['a', 'b'], label: [1, 2] }, rows],
    ['in columns inside of an object', { ok: true, columns: { text: ['a', 'b'], label: [1, 2] } }, rows],
    ['in columns as pandas writes them', { text: { 0: 'a', 1: 'b' }, label: { 0: 1, 1: 2 } }, rows],
    ['in an object of objects, as pandas writes by index', { x: objects[0], y: objects[1] }, rows],
    [
      'in a list of lists',
      {
        train: [
          ['a', 1],
          ['b', 2],
        ],
      },
      ['{"column1":"a","column2":1}', '{"column1":"b","column2":2}'],
    ],
    [
      'by far the most',
      { labels: [{ id: 0 }], rows: Array.from({ length: 20 }, () => objects[0]!) },
      Array(20).fill(rows[0]),
    ],
  ])('%s', async (_name, document, written) => {
    for (const indent of [undefined, 2]) {
      expect((await workshop.read(JSON.stringify(document, null, indent), 'JSON')).written).toEqual(written);
    }
  });

  test('and where they were is told', async () => {
    const { notices } = await workshop.read(JSON.stringify({ data: { items: objects } }), 'JSON');
    expect(notices).toEqual([
      { code: 'ROWS_FOUND', message: '2 rows were found at “data.items”: a row for each object.' },
    ]);
    expect((await workshop.read(JSON.stringify(objects), 'JSON')).notices).toEqual([]);
  });

  test('but not guessed where there are several', async () => {
    const splits = JSON.stringify({ train: objects, test: objects });
    expect(await workshop.problemsOf(splits, 'JSON')).toEqual([
      {
        path: 'fileOptions.json.path',
        code: 'REQUIRED',
        message: 'The document has rows in several places.',
        hint: 'Choose with `fileOptions: { json: { path: … } }`: there are some at “train” (2 rows), “test” (2 rows).',
      },
    ]);
    expect((await workshop.read(splits, 'JSON', options({ path: 'test' }))).written).toEqual(rows);
    expect((await workshop.read(splits, 'JSON', options({ path: '/test' }))).written).toEqual(rows);
    expect(await workshop.problemsOf(splits, 'JSON', options({ path: 'dev' }))).toMatchObject([
      { path: 'fileOptions.json.path', code: 'NOT_FOUND', message: 'The document has no rows at “dev”.' },
    ]);
  });

  test('under a key with a dot by a pointer', async () => {
    const document = JSON.stringify({ 'a.b': objects, c: objects });
    expect((await workshop.read(document, 'JSON', options({ path: '/a.b' }))).written).toEqual(rows);
  });
});

describe('values stay as they are', () => {
  test('whole numbers beyond 2⁵³, in every layout', async () => {
    const long = '9007199254740993';
    const records = await workshop.read(`[{"id":${long}},{"id":1}]`, 'JSON');
    expect(records.types).toEqual(['INTEGER']);
    const columns = await workshop.read(`{"id":[${long},1],"x":["a","b"]}`, 'JSON');
    expect(columns.types).toEqual(['INTEGER', 'TEXT']);
    const lists = await workshop.read(`[[${long}],[1]]`, 'JSON');
    expect(lists.columns[0]!.labels![0]).toEqual({ label: '1', count: 1 });
    for (const { columns: described } of [records, columns, lists]) {
      expect(described[0]!.labels!.map(({ label }) => label)).toContain(long);
    }
    expect(
      (await workshop.read(`[{"a":{"id":${long}}}]`, 'JSON', options({ flatten: true }))).columns[0],
    ).toMatchObject({
      name: 'a.id',
      labels: [{ label: long, count: 1 }],
    });
  });

  test('objects inside of rows, unless they are to be columns', async () => {
    const document =
      '[{"id":1,"who":{"name":"a","at":{"x":1.5}},"tags":["p","q"]},{"id":2,"who":{"name":"b"},"tags":[]}]';
    expect((await workshop.read(document, 'JSON')).types).toEqual(['INTEGER', 'JSON', 'TEXT_LIST']);
    const flat = await workshop.read(document, 'JSON', options({ flatten: true }));
    expect(flat.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'INTEGER'],
      ['who.name', 'TEXT'],
      ['who.at.x', 'FLOAT'],
      ['tags', 'TEXT_LIST'],
    ]);
    expect(flat.written[1]).toBe('{"id":2,"who.name":"b","who.at.x":null,"tags":[]}');
    const lines = await workshop.read('{"a":{"b":1}}\n{"a":{"b":2}}\n', 'JSONL', options({ flatten: true }));
    expect(lines.written).toEqual(['{"a.b":1}', '{"a.b":2}']);
  });

  test('texts with brackets, quotes and escapes', async () => {
    const texts = ['}]"\\', '{"a":[', 'é\u2028\n', '\\"'];
    const document = JSON.stringify(texts.map((text) => ({ text })));
    expect((await workshop.read(document, 'JSON')).written).toEqual(texts.map((text) => JSON.stringify({ text })));
    const columns = JSON.stringify({ text: texts, place: [1, 2, 3, 4] }, null, 1);
    const read = await workshop.read(columns, 'JSON');
    expect(read.written.map((row) => JSON.parse(row).text)).toEqual(texts);
  });
});

describe('what is wrong is told', () => {
  test.each<[string, string, string]>([
    ['[{"a":1},', 'INVALID_FILE', 'the document ends within a value: it may have been cut off'],
    ['[{"a":1} {"a":2}]', 'INVALID_FILE', 'line 1: “{” stands between two values'],
    ['{"a":[1,2],\n"b" [3]}', 'INVALID_FILE', 'line 2: “[” stands after a key'],
    ['{"a":1}\n{"a":2}\n', 'INVALID_FILE', 'line 2: “{” stands after the end of the document'],
    ['{"data":{"name":"x"}}', 'EMPTY_FILE', 'The document holds no rows'],
    ['[1,2,3]', 'EMPTY_FILE', 'The document holds no rows'],
    ['[]', 'EMPTY_FILE', 'The document holds no rows'],
    ['{"a":[1,2],"b":[1]}', 'EMPTY_FILE', 'The document holds no rows'],
  ])('%s', async (document, code, message) => {
    const [found] = await workshop.problemsOf(document, 'JSON');
    expect(found!.code).toBe(code);
    expect(found!.message).toContain(message);
  });

  test('columns of different lengths, where they are asked for', async () => {
    const [found] = await workshop.problemsOf('{"x":{"a":[1,2],"b":[1,3]},"y":[]}', 'JSON', options({ path: 'y' }));
    expect(found).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('items that are no rows', async () => {
    const document = `[\n{"a":1},\n2,\n{"a":NaN},\n{"a":2,"a":3},\n{"a":${'['.repeat(600)}${']'.repeat(600)}},\n{"a":4}]`;
    const { rejectedRows, written } = await workshop.read(document, 'JSON', {
      options: { maxRejectedShare: 0.9 },
    });
    expect(rejectedRows.map(({ line, code }) => [line, code])).toEqual([
      [3, 'NOT_AN_OBJECT'],
      [4, 'INVALID_JSON'],
      [5, 'DUPLICATE_KEY'],
      [6, 'NESTED_TOO_DEEPLY'],
    ]);
    expect(rejectedRows[0]!.reason).toBe('Item 2: The item is a number, not an object.');
    expect(written).toEqual(['{"a":1}', '{"a":4}']);
  });

  test('a document of 200,000 levels', async () => {
    const deep = `[{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}},{"a":[]}]`;
    const { rejectedRows, exampleCount } = await workshop.read(deep, 'JSON');
    expect([exampleCount, rejectedRows[0]!.code]).toEqual([1, 'NESTED_TOO_DEEPLY']);
    const [found] = await workshop.problemsOf('['.repeat(200_000), 'JSON');
    expect(found!.code).toBe('INVALID_FILE');
  });

  test('more columns than a dataset may have', async () => {
    const columns = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`c${index}`, [1]]));
    expect(await workshop.problemsOf(JSON.stringify(columns), 'JSON')).toMatchObject([
      { code: 'INVALID_FILE', message: 'The file has more than 1000 columns.' },
    ]);
  });
});
