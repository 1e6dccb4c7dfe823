import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenExampleReader, openExampleReader } from '../../../src/datasets/example-reader.js';
import type { FileFormat, SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import { type DatasetRoom, openDatasetRoom } from '../../support/dataset-room.js';

let room: DatasetRoom;
let reader: OpenExampleReader;

beforeAll(async () => {
  room = await openDatasetRoom();
  reader = await openExampleReader(room.store, join(room.root, 'reading'));
});
afterAll(async () => {
  reader.close();
  await room.close();
});

async function versionOf(content: string, format: FileFormat, chosen: SplitRequest): Promise<string> {
  const uploadId = await room.send(content, format);
  const [version] = await room.versionsOf(await room.create({ uploadId, split: chosen }));
  return version!.digest;
}
const byPart: SplitRequest = { kind: 'column', column: 'part' };

test('pages rows in their order, of all splits or one', async () => {
  const rows = Array.from({ length: 50 }, (_, index) => `text ${index},${index % 5 === 0 ? 'test' : 'train'}`);
  const digest = await versionOf(`text,part\n${rows.join('\n')}\n`, 'CSV', byPart);
  const page = async (name: string | null, afterRow: number | null, limit: number) =>
    (await reader.readExamples({ digest, split: name, afterRow, limit })).map(({ row }) => row);
  expect(await page(null, null, 3)).toEqual([0, 1, 2]);
  expect(await page(null, 47, 10)).toEqual([48, 49]);
  expect(await page(null, 49, 10)).toEqual([]);
  expect(await page('test', null, 3)).toEqual([0, 5, 10]);
  expect(await page('test', 10, 100)).toEqual([15, 20, 25, 30, 35, 40, 45]);
  expect(await page('train', 3, 3)).toEqual([4, 6, 7]);
  expect(await page('none', null, 3)).toEqual([]);
  expect(await page("' OR true --", null, 3)).toEqual([]);
  expect(await reader.readExamples({ digest, split: 'test', afterRow: 41, limit: 1 })).toEqual([
    { row: 45, split: 'test', madeBy: null, sourceRow: null, values: { text: 'text 45', part: 'test' } },
  ]);
});

test('gives values as JSON has them, in the order of the columns', async () => {
  const object =
    '{"z":"x","id":9007199254740993,"small":7,"f":1.5,"b":true,"nested":{"k":[1,null]},"none":null,"part":"all"}';
  const digest = await versionOf(object, 'JSONL', byPart);
  const [example] = await reader.readExamples({ digest, split: null, afterRow: null, limit: 1 });
  expect(JSON.stringify(example?.values)).toBe(
    '{"z":"x","id":"9007199254740993","small":7,"f":1.5,"b":true,"nested":{"k":[1,null]},"none":null,"part":"all"}',
  );
});

test('counts labels of rows that have a text, by split', async () => {
  const digest = await versionOf(
    'text,label,stars,part\na,x,1,train\nb,x,2,train\n,x,1,train\nc,,2,train\nd,,,train\ne,y,1,test\n',
    'CSV',
    byPart,
  );
  expect(await reader.countLabels({ digest, textColumns: ['text'], labelColumns: ['label', 'stars'] })).toEqual({
    labelled: { train: 3, test: 1 },
    labels: {
      label: [
        { split: 'test', label: 'y', count: 1 },
        { split: 'train', label: 'x', count: 2 },
      ],
      stars: [
        { split: 'test', label: '1', count: 1 },
        { split: 'train', label: '1', count: 1 },
        { split: 'train', label: '2', count: 2 },
      ],
    },
    splitsWithLists: {},
    lists: {},
  });
});

test('counts rows that have both texts of a pair', async () => {
  const digest = await versionOf(
    'text,second,label,part\na,b,x,train\nc,,x,train\n,d,y,train\ne,f,y,test\n',
    'CSV',
    byPart,
  );
  expect(await reader.countLabels({ digest, textColumns: ['text', 'second'], labelColumns: ['label'] })).toEqual({
    labelled: { train: 1, test: 1 },
    labels: {
      label: [
        { split: 'test', label: 'y', count: 1 },
        { split: 'train', label: 'x', count: 1 },
      ],
    },
    splitsWithLists: {},
    lists: {},
  });
});

test('counts the items of lists, and takes words for a text', async () => {
  const digest = await versionOf(
    [
      { words: ['a', 'b'], labels: ['x', 'y'], ids: [7, 7], part: 'train' },
      { words: ['c'], labels: [], part: 'train' },
      { words: ['d'], labels: null, ids: [8], part: 'train' },
      { labels: ['z'], part: 'train' },
      { words: [], labels: ['x'], part: 'test' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
    'JSONL',
    byPart,
  );
  expect(await reader.countLabels({ digest, textColumns: ['words'], labelColumns: ['labels', 'ids'] })).toEqual({
    labelled: { train: 3, test: 1 },
    labels: {
      labels: [
        { split: 'test', label: 'x', count: 1 },
        { split: 'train', label: 'x', count: 1 },
        { split: 'train', label: 'y', count: 1 },
      ],
      ids: [
        { split: 'train', label: '7', count: 2 },
        { split: 'train', label: '8', count: 1 },
      ],
    },
    splitsWithLists: { labels: ['test', 'train'], ids: ['train'] },
    lists: { labels: { test: 1, train: 2 }, ids: { train: 2 } },
  });
  expect((await reader.sampleTexts({ digest, split: 'train', textColumns: ['words'], limit: 9 }))[0]).toEqual({
    row: 0,
    texts: ['a b'],
  });
  expect(await reader.measureLists({ digest, columns: ['words', 'labels'] })).toEqual({
    lengths: {
      words: [
        { split: 'test', lists: 1, shortest: 0, longest: 0 },
        { split: 'train', lists: 3, shortest: 1, longest: 2 },
      ],
      labels: [
        { split: 'test', lists: 1, shortest: 1, longest: 1 },
        { split: 'train', lists: 3, shortest: 0, longest: 2 },
      ],
    },
    unequal: { test: 1, train: 1 },
  });
});

test('measures numbers by split, and the outputs of lists by their position', async () => {
  const digest = await versionOf(
    [
      { text: 'a', split: 1, pair: [1, 10], part: 'train' },
      { text: 'b', split: 2, pair: [3, 10.5], part: 'train' },
      { text: 'c', split: 6, pair: [5], part: 'train' },
      { text: 'd', part: 'train' },
      { split: 1000, pair: [1000, 1000], part: 'train' },
      { text: 'e', part: 'test' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
    'JSONL',
    byPart,
  );
  const { split: plain, pair } = await reader.summarizeNumbers({
    digest,
    textColumns: ['text'],
    numberColumns: ['split', 'pair'],
  });
  // Of 1, 2 and 6 the mean is 3 and the variance (4 + 1 + 9) / 3; of 1, 3 and 5 it is 8 / 3.
  const nothing = { count: 0, minimum: null, maximum: null, mean: null, standardDeviation: null, nonFinite: 0 };
  expect(plain).toEqual([
    { split: 'test', position: 0, ...nothing, missing: 1 },
    {
      split: 'train',
      position: 0,
      count: 3,
      minimum: 1,
      maximum: 6,
      mean: 3,
      standardDeviation: expect.closeTo(Math.sqrt(14 / 3), 12),
      missing: 1,
      nonFinite: 0,
    },
  ]);
  expect(pair).toEqual([
    {
      split: 'train',
      position: 0,
      count: 3,
      minimum: 1,
      maximum: 5,
      mean: 3,
      standardDeviation: expect.closeTo(Math.sqrt(8 / 3), 12),
      missing: 1,
      nonFinite: 0,
    },
    {
      split: 'train',
      position: 1,
      count: 2,
      minimum: 10,
      maximum: 10.5,
      mean: 10.25,
      standardDeviation: 0.25,
      missing: 2,
      nonFinite: 0,
    },
  ]);
});

test('measures the largest numbers there are', async () => {
  const rows = [1.5e308, -1.5e308, 1.5e308, -1.5e308].map(
    (value) => `{"text":"t","value":[${value},0.5],"part":"all"}`,
  );
  const digest = await versionOf(rows.join('\n'), 'JSONL', byPart);
  const { value } = await reader.summarizeNumbers({ digest, textColumns: ['text'], numberColumns: ['value'] });
  expect(value?.[0]).toMatchObject({ mean: 0, standardDeviation: 1.5e308 });
});

test('samples texts evenly over a split, only rows that have them all', async () => {
  const lines = Array.from(
    { length: 100 },
    (_, i) => `first ${i},${i % 10 === 0 ? '' : `second ${i}`},${i < 50 ? 'train' : 'test'}`,
  );
  const digest = await versionOf(`text,pair,part\n${lines.join('\n')}\n`, 'CSV', byPart);
  const sample = (textColumns: string[], limit: number, split = 'test') =>
    reader.sampleTexts({ digest, split, textColumns, limit });
  expect((await sample(['text'], 5)).map(({ row, texts }) => [row, ...texts])).toEqual(
    [50, 60, 70, 80, 90].map((row) => [row, `first ${row}`]),
  );
  // 45 rows of the split are pairs: every fifteenth of them.
  expect((await sample(['text', 'pair'], 3)).map(({ texts }) => texts)).toEqual(
    [51, 67, 84].map((row) => [`first ${row}`, `second ${row}`]),
  );
  expect(await sample(['text'], 1000, 'train')).toHaveLength(50);
  expect(await sample(['text'], 5, 'none')).toEqual([]);
});

test('answers more questions than it has connections', async () => {
  const digest = await versionOf('text,part\na,train\nb,train\n', 'CSV', byPart);
  const pages = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      reader.readExamples({ digest, split: 'train', afterRow: (index % 2) - 1, limit: 1 }),
    ),
  );
  expect(pages.map(([example]) => example?.row)).toEqual(Array.from({ length: 30 }, (_, index) => index % 2));
});

test('says when the file of a version is gone', async () => {
  const question = { digest: 'a'.repeat(64), split: null, afterRow: null, limit: 1 };
  await expect(reader.readExamples(question)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
