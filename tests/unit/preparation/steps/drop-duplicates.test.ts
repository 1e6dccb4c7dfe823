import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText } from '../../../../gpu-worker/preparation/duplicates/fold-text.js';
import { runDropDuplicates } from '../../../../gpu-worker/preparation/steps/drop-duplicates.js';
import { DropDuplicates } from '../../../../src/protocol/preparation/steps/duplicates.js';
import { literal } from '../../../../src/storage/duckdb.js';
import { notesOf, openStepDatabase, rowNumbers } from '../../../support/step-database.js';

const exact = { match: 'exact' } as const;
const normalized = { match: 'normalized' } as const;
const near = {
  match: 'near',
  near: { threshold: 0.6, shingleUnit: 'words', shingleSize: 1, permutations: 128, seed: 3, verify: true },
} as const;

function stepOf(given: Partial<DropDuplicates>): DropDuplicates {
  const usual = { match: 'exact', near: null, scope: 'rows', keep: 'first', splitOrder: [], versions: [] };
  return DropDuplicates.parse({ kind: 'dropDuplicates', columns: ['text'], ...usual, ...given });
}

/** The rows that stay, and what is noted of the others. */
async function drop(
  texts: readonly (string | null | readonly [string, string | null])[],
  given: Partial<DropDuplicates>,
) {
  using tables = await openStepDatabase();
  const rows = texts.map((each) =>
    each === null || typeof each === 'string' ? { values: [each] } : { split: each[0], values: [each[1]] },
  );
  const table = await tables.load({ text: 'TEXT' }, rows);
  const outcome = await runDropDuplicates(stepOf(given), table, tables.tools);
  expect(tables.beats()).toBeGreaterThan(0);
  return { stay: await rowNumbers(tables.database, outcome.table), notes: await notesOf(tables.database, outcome) };
}

const problemsOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => [],
    (error: { problems: readonly { code: string; path: readonly string[] }[] }) =>
      error.problems.map(({ code, path }) => `${path.join('.')} ${code}`),
  );

describe('dropDuplicates among rows', () => {
  const texts = ['one two', 'One, two!', 'one two', null, '', null, ' ', '', 'one two three'];

  it('keeps the first of equal texts', async () => {
    const { stay, notes } = await drop(texts, {});
    expect(stay).toEqual([0, 1, 3, 4, 5, 6, 8]);
    expect(notes).toEqual([
      { row: 2, other: 0, reason: 'The two are equal.' },
      { row: 7, other: 4, reason: 'The two are equal.' },
    ]);
  });

  it('keeps the last of equal texts', async () => {
    const { stay } = await drop(texts, { keep: 'last' });
    expect(stay).toEqual([1, 2, 3, 5, 6, 7, 8]);
  });

  it('keeps the longest of texts that are equal when folded', async () => {
    const { stay, notes } = await drop(texts, { ...normalized, keep: 'longest' });
    expect(stay).toEqual([1, 3, 4, 5, 6, 7, 8]);
    expect(notes.map(({ row, other }) => [row, other])).toEqual([
      [0, 1],
      [2, 1],
    ]);
  });

  it('says how similar near copies are', async () => {
    const { stay, notes } = await drop(['a b c d', 'x', 'a b c d e', 'b c d e f', 'a b c d'], near);
    // a b c d and b c d e f share 3 of 6 words, and hang together by a b c d e, which shares 4 of 5 and 4 of 6.
    expect(stay).toEqual([0, 1]);
    expect(notes).toEqual([
      { row: 2, other: 0, reason: 'Of the shingles of both, the two share 80 %.' },
      { row: 3, other: 0, reason: 'The two hang together by near copies; of the shingles of both, they share 50 %.' },
      { row: 4, other: 0, reason: 'Of the shingles of both, the two share 100 %.' },
    ]);
  });

  it('prefers a split, and then what is to be kept', async () => {
    const rows = [
      ['train', 'a'],
      ['test', 'a'],
      ['test', 'a'],
      ['train', 'b'],
      ['train', 'b'],
    ] as const;
    expect((await drop(rows, { keep: 'last', splitOrder: ['test'] })).stay).toEqual([2, 4]);
  });

  it('compares several columns of any type together', async () => {
    using tables = await openStepDatabase();
    const types = { text: 'TEXT', number: 'INTEGER', list: 'TEXT_LIST', other: 'FLOAT' } as const;
    const table = await tables.load(types, [
      { values: ['a', 1, ['x', 'y'], 0] },
      { values: ['a', 1, ['x', 'y'], 1] },
      { values: ['a', 2, ['x', 'y'], 0] },
      { values: ['a', 1, ['x y'], 0] },
      { values: ['a', null, ['x', 'y'], 0] },
      { values: ['a', null, ['x', 'y'], 0] },
      { values: [null, null, null, 0] },
      { values: [null, null, null, 0] },
    ]);
    const step = stepOf({ columns: ['text', 'number', 'list'] });
    const { table: left } = await runDropDuplicates(step, table, tables.tools);
    expect(await rowNumbers(tables.database, left)).toEqual([0, 2, 3, 4, 6, 7]);
    expect(left.columns).toEqual(table.columns);
  });

  it('compares the contents of messages', async () => {
    using tables = await openStepDatabase();
    const message = (content: string) => [{ role: 'user', content }];
    const table = await tables.load({ messages: 'JSON' }, [
      { values: [message('Hello there')] },
      { values: [[{ content: 'hello THERE!', name: 'Ann', role: 'user' }]] },
      { values: [[{ from: 'human', value: 'hello there' }]] },
      { values: [message('Goodbye')] },
    ]);
    const step = stepOf({ columns: ['messages'], ...normalized });
    const { table: left } = await runDropDuplicates(step, table, tables.tools);
    expect(await rowNumbers(tables.database, left)).toEqual([0, 3]);
  });

  it('refuses columns that are not there, or hold no texts', async () => {
    using tables = await openStepDatabase();
    const table = await tables.load({ text: 'TEXT', number: 'INTEGER' }, [{ values: ['a', 1] }]);
    const run = (given: Partial<DropDuplicates>) => problemsOf(runDropDuplicates(stepOf(given), table, tables.tools));
    expect(await run({ columns: ['txet'] })).toEqual(['columns.0 UNKNOWN_COLUMN']);
    expect(await run({ columns: ['number'], ...near })).toEqual(['columns.0 WRONG_COLUMN_TYPE']);
    expect(await run({ scope: 'splits', splitOrder: ['test'] })).toEqual(['splitOrder UNKNOWN_SPLIT']);
  });
});

describe('dropDuplicates across splits', () => {
  const rows = [
    ['train', 'a'],
    ['test', 'A'],
    ['train', 'b'],
    ['train', 'b'],
    ['test', 'c'],
    ['dev', 'a.'],
  ] as const;

  it.each([
    [
      ['test', 'train'],
      [1, 2, 3, 4],
    ],
    [
      ['train', 'test'],
      [0, 2, 3, 4],
    ],
    [['dev'], [2, 3, 4, 5]],
  ] as const)('takes copies from the splits after the first of %j', async (splitOrder, stay) => {
    expect((await drop(rows, { ...normalized, scope: 'splits', splitOrder: [...splitOrder] })).stay).toEqual(stay);
  });

  it('refuses a split that no row has', async () => {
    expect(await problemsOf(drop(rows, { scope: 'splits', splitOrder: ['test', 'trian'] }))).toEqual([
      'splitOrder.1 UNKNOWN_SPLIT',
    ]);
  });
});

const someRows = fc.array(
  fc.tuple(
    fc.constantFrom('train', 'test', 'validation'),
    fc.constantFrom('a b c', 'A b, c', 'a b c d', 'b c d', 'x', 'x!', '', 'x y z', 'X y z w'),
  ),
  { minLength: 1, maxLength: 25 },
);

describe('dropDuplicates, by laws', () => {
  it.each([exact, normalized, near])('leaves no two copies, and nothing to do: $match', async (by) => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.constantFrom('first', 'last', 'longest'), async (rows, keep) => {
        const { stay, notes } = await drop(rows, { ...by, keep });
        expect([...stay, ...notes.map(({ row }) => row)].toSorted((a, b) => a - b)).toEqual([...rows.keys()]);
        for (const { other } of notes) expect(stay).toContain(other);
        const left = stay.map((row) => rows[row]!);
        expect((await drop(left, { ...by, keep })).notes).toEqual([]);
        if (by.match === 'near') return;
        const key = (text: string) => (by.match === 'exact' ? text : foldText(text));
        const keys = rows.map(([, text]) => key(text));
        const empty = keys.filter((each) => each === '' && by.match === 'normalized').length;
        expect(stay.length).toBe(new Set(keys.filter((each) => each !== '' || by.match === 'exact')).size + empty);
      }),
      { numRuns: 10 },
    );
  });

  it.each([exact, normalized, near])('leaves no copy in two splits: $match', async (by) => {
    await fc.assert(
      fc.asyncProperty(someRows, async (rows) => {
        const named = [...new Set(rows.map(([split]) => split))];
        const { stay } = await drop(rows, { ...by, scope: 'splits', splitOrder: named });
        const left = stay.map((row) => rows[row]!);
        // Among what stays, a set of copies that is dropped to one row loses rows of one split alone.
        const again = await drop(left, by);
        for (const { row, other } of again.notes) expect(left[row]![0]).toBe(left[other!]![0]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('dropDuplicates beside other versions', () => {
  const ids = ['one', 'two'] as const;

  async function dropBeside(by: Partial<DropDuplicates>, versions: DropDuplicates['versions']) {
    using tables = await openStepDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'versions-'));
    try {
      const write = async (id: string, rows: string): Promise<void> => {
        const path = join(folder, `${id}.parquet`);
        await tables.database.query(`COPY (${rows}) TO ${literal(path)} (FORMAT parquet)`);
        tables.paths.set(id, path);
      };
      await write(
        ids[0],
        `SELECT * FROM (VALUES (0::BIGINT, 'train', 'seen'), (1, 'test', 'held out'), (2, 'test', 'a b c d e'))
         v (__attune_row, __attune_split, text)`,
      );
      await write(ids[1], `SELECT 7::BIGINT AS __attune_row, 'test' AS __attune_split, 'Other.' AS body, [1] AS list`);
      const texts = ['seen', 'held out', 'Held out!', 'held out', 'mine', 'mine', 'a b c d', 'other'];
      const table = await tables.load(
        { text: 'TEXT' },
        texts.map((text) => ({ values: [text] })),
      );
      const outcome = await runDropDuplicates(stepOf({ ...by, scope: 'versions', versions }), table, tables.tools);
      return { stay: await rowNumbers(tables.database, outcome.table), notes: await notesOf(tables.database, outcome) };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  const first = { datasetVersionId: ids[0], columns: null, splits: ['test'] };
  const second = { datasetVersionId: ids[1], columns: ['body'], splits: null };

  it('drops rows that are equal to one of the splits of a version', async () => {
    const { stay, notes } = await dropBeside(exact, [first, second]);
    expect(stay).toEqual([0, 2, 4, 5, 6, 7]);
    const reason = `It is a copy of row 1 of the dataset version ${ids[0]}.`;
    expect(notes).toEqual([1, 3].map((row) => ({ row, other: null, reason })));
  });

  it('drops rows that are equal when folded', async () => {
    const { stay, notes } = await dropBeside(normalized, [first, second]);
    expect(stay).toEqual([0, 4, 5, 6]);
    expect(notes.at(-1)?.reason).toBe(`It is a copy of row 7 of the dataset version ${ids[1]}.`);
  });

  it('drops near copies', async () => {
    expect((await dropBeside(near, [first, { ...second, splits: ['test'] }])).stay).toEqual([0, 4, 5]);
    expect((await dropBeside(near, [{ ...first, splits: null }])).stay).toEqual([4, 5, 7]);
  });

  it('refuses columns and splits that the version has not', async () => {
    const run = (given: object) => problemsOf(dropBeside(exact, [first, { ...second, ...given }]));
    expect(await run({ columns: null })).toEqual(['versions.1.columns UNKNOWN_COLUMN']);
    expect(await run({ columns: ['list'] })).toEqual(['versions.1.columns.0 WRONG_COLUMN_TYPE']);
    expect(await run({ columns: ['body', 'list'] })).toEqual(['versions.1.columns INVALID_VALUE']);
    expect(await run({ columns: ['__attune_split'] })).toEqual(['versions.1.columns.0 UNKNOWN_COLUMN']);
    expect(await run({ splits: ['train'] })).toEqual(['versions.1.splits.0 UNKNOWN_SPLIT']);
  });
});
