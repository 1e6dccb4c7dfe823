import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportRows } from '../../../gpu-worker/preparation/export/export-rows.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import type { RowExport } from '../../../src/protocol/preparation/row-export.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
let duckdb: DuckDb;
beforeAll(async () => {
  workshop = await openFileWorkshop();
  const temporaryFolder = join(workshop.root, 'spill');
  duckdb = await openDuckDb({ path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder }, 1);
});
afterAll(async () => {
  duckdb.close();
  await workshop[Symbol.asyncDispose]();
});

const bySplit = { kind: 'column', column: 'part' } as const;
const all = { splits: null, columns: null, splitColumn: null };

async function written(content: string | Uint8Array, format: FileFormat, request: RowExport, split?: typeof bySplit) {
  const version = await workshop.read(content, format, split === undefined ? {} : { split });
  const to = join(workshop.root, randomUUID());
  const file = { path: version.storedPath, columns: version.columns };
  const result = await exportRows(duckdb, file, request, to, () => undefined);
  return { ...result, to, bytes: await readFile(to), text: await readFile(to, 'utf8') };
}

const table = 'text,n,x,code,list\n"a, ""b""\nc",9007199254740993,1.50,007,"p;q"\n"",1,,+1,\n,2,3,=1+1,x\n';

describe('tables', () => {
  test('as CSV are read again as they were', async () => {
    const { text, rows } = await written(table, 'CSV', { format: 'CSV', ...all, guardFormulas: false });
    expect(rows).toBe(3);
    expect(text).toBe(table.replace('"p;q"', 'p;q'));
  });

  test('as CSV have formulas guarded where that is asked for, but no numbers', async () => {
    const content = 'a,b\n=1+1,-1\n@x,-2\n-y,3\nz=1,4\n';
    const { text } = await written(content, 'CSV', { format: 'CSV', ...all, guardFormulas: true });
    expect(text).toBe("a,b\n'=1+1,-1\n'@x,-2\n'-y,3\nz=1,4\n");
  });

  test('as JSON Lines have their types, and long numbers their digits', async () => {
    const lines =
      '{"t":"é","n":9007199254740993,"l":["a"],"o":{"k":[1,null]},"m":null}\n{"t":null,"n":1,"l":[],"o":{"k":"x"},"m":true}\n';
    const { text } = await written(lines, 'JSONL', { format: 'JSONL', ...all });
    expect(text).toBe(lines);
  });

  test('as Parquet hold the columns alone, and equal rows give equal bytes', async () => {
    const request = { format: 'PARQUET', ...all } as const;
    const [first, second] = [await written(table, 'CSV', request), await written(table, 'CSV', request)];
    expect(first.bytes.equals(second.bytes)).toBe(true);
    const described = await duckdb.query<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet('${first.to}')`);
    expect(described.map(({ column_name: name }) => name)).toEqual(['text', 'n', 'x', 'code', 'list']);
    const { written: again } = await workshop.read(first.bytes, 'PARQUET');
    expect(JSON.parse(again[0]!)).toMatchObject({ text: 'a, "b"\nc', x: 1.5, code: '007' });
  });

  test('hold the rows of some splits, and the names of them', async () => {
    const content = 'a,part\n1,train\n2,test\n3,train\n';
    const request = {
      format: 'CSV',
      splits: ['train'],
      columns: null,
      splitColumn: 'split',
      guardFormulas: false,
    } as const;
    const { text, rows } = await written(content, 'CSV', request, bySplit);
    expect([rows, text]).toEqual([2, 'a,part,split\n1,train,train\n3,train,train\n']);
    expect((await written(content, 'CSV', { ...request, splits: [] }, bySplit)).text).toBe('a,part,split\n');
  });
});

test('a column for splits must have a name of its own', async () => {
  const request = { format: 'JSONL', splits: null, columns: null, splitColumn: 'A' } as const;
  await expect(written('a\n1\n', 'CSV', request)).rejects.toThrow('A column that is written has the name “A” already.');
});

describe('conversations', () => {
  const alpaca =
    '{"instruction":"Add.","input":"2, 2","output":"4"}\n{"instruction":"Sing.","input":"","output":"La"}\n{"instruction":"","input":"","output":"?"}\n';
  const form = {
    kind: 'alpaca',
    instructionColumn: 'instruction',
    inputColumn: 'input',
    outputColumn: 'output',
  } as const;
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  test('are written as messages; rows that are none are left out and told', async () => {
    const { text, rows, skipped, reasons } = await written(alpaca, 'JSONL', {
      format: 'CHAT',
      splits: null,
      form,
      as: 'MESSAGES',
    });
    expect(lines(text)).toEqual([
      {
        messages: [
          { role: 'user', content: 'Add.\n\n2, 2' },
          { role: 'assistant', content: '4' },
        ],
      },
      {
        messages: [
          { role: 'user', content: 'Sing.' },
          { role: 'assistant', content: 'La' },
        ],
      },
    ]);
    expect([rows, skipped]).toEqual([2, 1]);
    expect(reasons).toMatchObject([{ row: 2 }]);
    expect(reasons[0]!.reason).toContain('instruction');
  });

  test('go from one form into each other, and back', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello', weight: 0 },
      { role: 'user', content: 'Bye' },
      { role: 'assistant', content: 'See you' },
    ];
    const row = `${JSON.stringify({ messages })}\n`;
    const fromMessages = { kind: 'messages', column: 'messages' } as const;
    const as = async (form: 'MESSAGES' | 'SHARE_GPT' | 'ALPACA' | 'PROMPT_COMPLETION') =>
      written(row, 'JSONL', { format: 'CHAT', splits: null, form: fromMessages, as: form });
    expect(lines((await as('MESSAGES')).text)).toEqual([{ messages }]);
    expect(lines((await as('PROMPT_COMPLETION')).text)).toEqual([
      { prompt: messages.slice(0, 4), completion: [messages[4]] },
    ]);
    expect(await as('ALPACA')).toMatchObject({
      rows: 0,
      skipped: 1,
      reasons: [{ row: 0, reason: 'it has more turns than a task and its answer' }],
    });
    const shared = (await as('SHARE_GPT')).text;
    expect(lines(shared)).toMatchObject([
      { conversations: [{ from: 'system' }, { from: 'human', value: 'Hi' }, { from: 'gpt' }, {}, {}] },
    ]);
    const back = { kind: 'shareGpt', column: 'conversations' } as const;
    const { text } = await written(shared, 'JSONL', { format: 'CHAT', splits: null, form: back, as: 'MESSAGES' });
    expect(lines(text)).toEqual([{ messages: messages.map(({ role, content }) => ({ role, content })) }]);
  });

  test('pairs of answers get the names of TRL', async () => {
    const rows = '{"q":"The sky is","good":" blue","bad":" green"}\n{"q":"x","good":null,"bad":"y"}\n';
    const request = {
      format: 'PREFERENCE',
      splits: null,
      promptColumn: 'q',
      chosenColumn: 'good',
      rejectedColumn: 'bad',
    } as const;
    const { text, skipped, reasons } = await written(rows, 'JSONL', request);
    expect(lines(text)).toEqual([{ prompt: 'The sky is', chosen: ' blue', rejected: ' green' }]);
    expect([skipped, reasons]).toEqual([1, [{ row: 1, reason: '“good” is empty' }]]);
    const turns = (content: string) => [{ role: 'assistant', content }];
    const chats = `${JSON.stringify({ c: turns('a'), r: turns('b') })}\n`;
    const implicit = { ...request, promptColumn: null, chosenColumn: 'c', rejectedColumn: 'r' };
    expect(lines((await written(chats, 'JSONL', implicit)).text)).toEqual([
      { chosen: turns('a'), rejected: turns('b') },
    ]);
    // OpenAI's form, whose prompt is an object.
    const user = [{ role: 'user', content: 'q' }];
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const input = (value: object) => ({ input: value, preferred_output: turns('a'), non_preferred_output: turns('b') });
    const openAi = [input({ messages: user, parallel_tool_calls: true }), input({ messages: user, tools })];
    const named = { promptColumn: 'input', chosenColumn: 'preferred_output', rejectedColumn: 'non_preferred_output' };
    const jsonLines = openAi.map((row) => `${JSON.stringify(row)}\n`).join('');
    expect(lines((await written(jsonLines, 'JSONL', { ...request, ...named })).text)).toEqual([
      { prompt: user, chosen: turns('a'), rejected: turns('b') },
      { prompt: user, tools, chosen: turns('a'), rejected: turns('b') },
    ]);
  });
});

test('JSON Lines stay JSON where numbers are none, and have times as they were written', async () => {
  const to = join(workshop.root, 'numbers.parquet');
  await duckdb.query(
    `COPY (SELECT 'nan'::DOUBLE AS x, ['-inf'::DOUBLE, 1.5] AS l, TIMESTAMP '2024-05-01' AS t
           UNION ALL SELECT 'inf'::DOUBLE, NULL, NULL UNION ALL SELECT NULL, [], NULL) TO '${to}' (FORMAT parquet)`,
  );
  const { text } = await written(await readFile(to), 'PARQUET', { format: 'JSONL', ...all });
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ x, l }) => [x, l])).toEqual([
    ['NaN', ['-Infinity', 1.5]],
    ['Infinity', null],
    [null, []],
  ]);
  const days = await written('a,day\nx,2024-05-01\ny,2023-01-31 10:00:00\n', 'CSV', { format: 'JSONL', ...all });
  expect(days.text).toBe('{"a":"x","day":"2024-05-01"}\n{"a":"y","day":"2023-01-31 10:00:00"}\n');
});
