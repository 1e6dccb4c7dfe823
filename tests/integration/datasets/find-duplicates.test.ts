import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

async function digestOf(rows: readonly object[]): Promise<string> {
  const split = { kind: 'column', column: 'part' } as const;
  return (await workshop.read(rows.map((row) => JSON.stringify(row)).join('\n'), 'JSONL', { split })).digest;
}

/** Duplicates between the split `train` and the others. */
async function search(
  digest: string,
  splits: readonly string[],
  columns: { readonly texts?: readonly string[]; readonly targets?: readonly string[] } = {},
) {
  const { texts: textColumns = ['text'], targets: targetColumns = ['label'] } = columns;
  const side = { digest, division: null, textColumns, targetColumns };
  return workshop.reader.findDuplicates({ trained: { ...side, splits: ['train'] }, measured: { ...side, splits } });
}

const long = (end: string) => `${'the same beginning of a long text '.repeat(20)}${end}`;

test('texts count as equal without case, white space and composition, and are compared whole', async () => {
  const digest = await digestOf([
    { part: 'train', text: 'Is the  card\tblocked?', label: 'a' },
    { part: 'train', text: 'Cafe\u0301 au lait', label: 'a' },
    { part: 'train', text: long('one'), label: 'a' },
    { part: 'train', text: `${' '.repeat(400)}${long('two')}`, label: 'b' },
    { part: 'train', text: 'only here', label: 'b' },
    { part: 'test', text: '\u3000is the card blocked? ', label: 'a' },
    { part: 'test', text: 'CAFÉ AU LAIT', label: 'b' },
    { part: 'test', text: long('three'), label: 'a' },
    { part: 'test', text: long('TWO'), label: 'b' },
    { part: 'test', text: 'is the card blocked', label: 'a' },
    { part: 'validation', text: 'only there', label: 'a' },
  ]);
  expect(await search(digest, ['test', 'validation'])).toEqual([
    {
      split: 'test',
      count: 3,
      conflictingCount: 1,
      examples: [
        { row: 6, trainRow: 1, isConflicting: true, text: 'CAFÉ AU LAIT' },
        { row: 5, trainRow: 0, isConflicting: false, text: '\u3000is the card blocked? ' },
        { row: 8, trainRow: 3, isConflicting: false, text: long('TWO').slice(0, 200) },
      ],
    },
  ]);
  expect(await search(digest, ['validation'])).toEqual([]);
});

test('of pairs both texts are compared, and a missing target differs from none', async () => {
  const digest = await digestOf([
    { part: 'train', text: 'a', second: 'b c', label: 'x', labels: ['p', 'q'] },
    { part: 'train', text: 'ab', second: 'd', label: null, labels: ['p'] },
    { part: 'test', text: 'a b', second: 'c', label: 'x', labels: ['q'] },
    { part: 'test', text: 'A', second: 'b  c', label: 'x', labels: ['q', 'p'] },
    { part: 'test', text: 'ab', second: 'd', label: 'y', labels: null },
  ]);
  const columns = { texts: ['text', 'second'], targets: ['label', 'labels'] };
  const [found] = (await search(digest, ['test'], columns))!;
  expect(found).toMatchObject({ count: 2, conflictingCount: 0, examples: [{ row: 3, trainRow: 0 }, { row: 4 }] });
  const [ofTexts] = (await search(digest, ['test'], { targets: ['labels'] }))!;
  expect(ofTexts).toMatchObject({ count: 3, conflictingCount: 1, examples: [{ row: 2, isConflicting: true }, {}, {}] });
});

test('another file is searched for what a model learnt from, and words of lists are joined', async () => {
  const learnt = await digestOf([
    { part: 'train', words: ['Ada', 'met', 'Alan'], tags: ['P', 'O', 'P'] },
    { part: 'test', words: ['rain'], tags: ['O'] },
  ]);
  const measured = await digestOf([
    { part: 'new', text: 'ada met alan', label: 'x' },
    { part: 'new', text: 'rain', label: 'x' },
  ]);
  expect(
    await workshop.reader.findDuplicates({
      trained: { digest: learnt, splits: ['train'], division: null, textColumns: ['words'], targetColumns: [] },
      measured: { digest: measured, splits: ['new'], division: null, textColumns: ['text'], targetColumns: [] },
    }),
  ).toEqual([
    {
      split: 'new',
      count: 1,
      conflictingCount: 0,
      examples: [{ row: 0, trainRow: 0, isConflicting: false, text: 'ada met alan' }],
    },
  ]);
});

test('a thousand copies of a text are counted one by one', async () => {
  const copies = (part: string) => Array.from({ length: 1000 }, (_, i) => ({ part, text: 'copy', label: `${i % 2}` }));
  const [found] = (await search(await digestOf([...copies('train'), ...copies('test')]), ['test']))!;
  expect([found!.count, found!.conflictingCount, found!.examples.length]).toEqual([1000, 1000, 5]);
});
