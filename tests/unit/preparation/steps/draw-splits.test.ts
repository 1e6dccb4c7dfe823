import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runDrawSplits } from '../../../../gpu-worker/preparation/steps/draw-splits.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import type { DrawSplits } from '../../../../src/protocol/preparation/steps/splits.js';
import { openStepDatabase, type StepDatabase, type TestRow } from '../../../support/step-database.js';

const plan: DrawSplits = {
  kind: 'drawSplits',
  fractions: [
    { name: 'train', fraction: 0.8 },
    { name: 'validation', fraction: 0.1 },
    { name: 'test', fraction: 0.1 },
  ],
  seed: 0,
  stratifyBy: null,
  stratifyPairs: false,
  coverLabels: true,
  refuseMissingLabels: false,
  groupBy: [],
  keepTogether: [],
  nearDuplicates: null,
  onlyUnassigned: false,
  fromSplits: null,
};

const types = { text: 'TEXT', label: 'TEXT', labels: 'TEXT_LIST', group: 'INTEGER' } as const satisfies Record<
  string,
  ColumnType
>;

interface Row {
  readonly text: string;
  readonly label: string | null;
  readonly labels: readonly string[];
  readonly group: number | null;
  readonly row: number;
  readonly split: string | null;
}

async function draw(
  database: StepDatabase,
  rows: readonly TestRow[],
  step: Partial<DrawSplits>,
): Promise<readonly Row[]> {
  const table = await database.load(types, rows);
  const { table: drawn } = await runDrawSplits({ ...plan, ...step }, table, database.tools);
  return (await database.rows(drawn)) as unknown as readonly Row[];
}

function rowsOf(count: number, values: (i: number) => TestRow['values']): TestRow[] {
  return Array.from({ length: count }, (_, i) => ({ values: { text: `text ${i}`, ...values(i) } }));
}

function countBy<Item>(items: readonly Item[], key: (item: Item) => string | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(key(item))] = (counts[String(key(item))] ?? 0) + 1;
  return counts;
}

describe('drawSplits', () => {
  test('gives each split exactly its share of rows and classes', async () => {
    using database = await openStepDatabase();
    const rows = await draw(
      database,
      rowsOf(200, (i) => ({ label: i % 4 === 0 ? 'rare' : 'frequent' })),
      { stratifyBy: 'label' },
    );
    expect(countBy(rows, ({ split, label }) => `${split} ${label}`)).toEqual({
      'train frequent': 120,
      'train rare': 40,
      'validation frequent': 15,
      'validation rare': 5,
      'test frequent': 15,
      'test rare': 5,
    });
  });

  test('a class of three rows gets into all of three splits; without that, it follows its fractions', async () => {
    using database = await openStepDatabase();
    const rows = rowsOf(100, (i) => ({ label: i < 3 ? 'rare' : 'frequent' }));
    const rare = async (coverLabels: boolean) =>
      countBy(
        (await draw(database, rows, { stratifyBy: 'label', coverLabels })).filter(({ label }) => label === 'rare'),
        ({ split }) => split,
      );
    expect(await rare(true)).toEqual({ train: 1, validation: 1, test: 1 });
    expect(await rare(false)).toEqual({ train: 3 });
  });

  test('rows of a group, equal texts and rows made of others share a split, through any chain', async () => {
    using database = await openStepDatabase();
    // 0 and 1 share a group, 1 and 2 a text, 3 was made of 2: with 40 others that share nothing.
    const chained: TestRow[] = [
      { values: { text: 'a', group: 1 } },
      { values: { text: 'b', group: 1 } },
      { values: { text: 'b', group: 2 } },
      { values: { text: 'c', group: 3 }, sourceRow: 2 },
    ];
    for (const seed of [0, 1, 2, 3]) {
      const rows = await draw(database, [...chained, ...rowsOf(40, () => ({ group: null }))], {
        seed,
        groupBy: ['group'],
        keepTogether: ['text'],
      });
      expect(new Set(rows.slice(0, 4).map(({ split }) => split)).size).toBe(1);
      expect(new Set(rows.slice(4).map(({ split }) => split)).size).toBe(3);
    }
  });

  test('near duplicates share a split, and those that hang together by them', async () => {
    using database = await openStepDatabase();
    const words = (from: number): string => Array.from({ length: 40 }, (_, i) => `word${from + i}`).join(' ');
    // Each shares 36 of 40 words with the next, and 35 of 41 shingles: 0.81; the first and the last hardly any.
    const chain = Array.from({ length: 8 }, (_, i) => ({ values: { text: words(4 * i) } }));
    const others = rowsOf(60, (i) => ({ text: words(1000 * (i + 1)) }));
    for (const seed of [0, 1, 2]) {
      const rows = await draw(database, [...chain, ...others], {
        seed,
        nearDuplicates: { columns: ['text'], threshold: 0.7 },
      });
      expect(new Set(rows.slice(0, 8).map(({ split }) => split)).size).toBe(1);
      expect(countBy(rows, ({ split }) => split)).toEqual({ train: 54, validation: 7, test: 7 });
    }
    expect((await database.tables()).filter((name) => name.includes('cluster'))).toEqual([]);
  });

  test('splits that are there stay, and new rows join the split of their group', async () => {
    using database = await openStepDatabase();
    const fixed: TestRow[] = [
      { values: { text: 'x', group: 1 }, split: 'test' },
      { values: { text: 'y', group: 2 }, split: 'held-out' },
      { values: { text: 'x2', group: 1 }, split: 'train' },
      { values: { text: 'x3', group: 1 }, split: 'test' },
    ];
    const news = [
      { values: { text: 'z', group: 1 } },
      { values: { text: 'z2', group: 2 } },
      ...rowsOf(20, (i) => ({ group: 100 + i })),
    ];
    const rows = await draw(database, [...fixed, ...news], { groupBy: ['group'], onlyUnassigned: true });
    expect(rows.slice(0, 6).map(({ split }) => split)).toEqual([
      'test',
      'held-out',
      'train',
      'test',
      'test',
      'held-out',
    ]);
    expect(countBy(rows.slice(6), ({ split }) => split)).toEqual({ train: 16, validation: 2, test: 2 });
    // The same by equal texts, without groups.
    const texts = await draw(
      database,
      [{ values: { text: 'same' }, split: 'test' }, { values: { text: 'same' } }, ...rowsOf(10, () => ({}))],
      { keepTogether: ['text'], onlyUnassigned: true },
    );
    expect(texts[1]?.split).toBe('test');
    expect(countBy(texts.slice(2), ({ split }) => split)).toEqual({ train: 8, validation: 1, test: 1 });
  });

  test('takes validation out of train, and leaves the other splits alone', async () => {
    using database = await openStepDatabase();
    const rows = await draw(
      database,
      rowsOf(100, () => ({})).map((row, i) => ({ ...row, split: i < 90 ? 'train' : 'test' })),
      {
        fractions: [
          { name: 'train', fraction: 0.9 },
          { name: 'validation', fraction: 0.1 },
        ],
        fromSplits: ['train'],
      },
    );
    expect(countBy(rows, ({ split }) => split)).toEqual({ train: 81, validation: 9, test: 10 });
    expect(rows.slice(90).every(({ split }) => split === 'test')).toBe(true);
  });

  test('keeps row numbers, and leaves no table but its own', async () => {
    using database = await openStepDatabase();
    const rows = [7, 11, 13, 40, 41, 42, 43, 50, 51, 60].map((row) => ({
      values: { text: `t${row}`, group: row % 4, labels: ['a'] },
      row,
    }));
    const steps: Partial<DrawSplits>[] = [
      { groupBy: ['group'], keepTogether: ['text'], fractions: halves },
      { keepTogether: ['text'] },
      { stratifyBy: 'labels', fromSplits: null },
    ];
    for (const step of steps) {
      const table = await database.load(types, rows);
      const before = await database.tables();
      const { table: drawn } = await runDrawSplits({ ...plan, ...step }, table, database.tools);
      expect((await database.rows(drawn)).map(({ row }) => row)).toEqual(rows.map(({ row }) => row));
      expect(await database.tables()).toEqual([...before, drawn.name].sort());
    }
  });

  test('says what is wrong, and where', async () => {
    using database = await openStepDatabase();
    const rows = rowsOf(10, (i) => ({ label: i === 0 ? 'once' : 'often', group: 1 }));
    const problemOf = async (step: Partial<DrawSplits>) =>
      draw(database, rows, step).then(
        () => null,
        (error: { readonly problems: readonly unknown[] }) => error.problems[0],
      );
    expect(await problemOf({ groupBy: ['group'] })).toMatchObject({
      path: ['fractions', '1'],
      code: 'EMPTY_SPLIT',
      message: 'No row is left for the split “validation”.',
    });
    expect(await problemOf({ stratifyBy: 'label', refuseMissingLabels: true })).toMatchObject({
      path: ['stratifyBy'],
      code: 'EMPTY_SPLIT',
      message: expect.stringMatching(/“once” \(1 row\) in “(test|train|validation)”/),
    });
    expect(await problemOf({ stratifyBy: 'text' })).toEqual({
      path: ['stratifyBy'],
      code: 'INVALID_VALUE',
      message: 'Column “text”: 10 different values in 10 rows leave nothing for the splits “validation” and “test”.',
      hint: 'Stratify by a column of few classes, or not at all.',
    });
    // Groups, which are drawn otherwise; and what is empty without strata, too, is no fault of theirs.
    expect(await problemOf({ stratifyBy: 'text', groupBy: ['text'] })).toMatchObject({ path: ['stratifyBy'] });
    expect(await problemOf({ stratifyBy: 'text', groupBy: ['group'] })).toMatchObject({ path: ['fractions', '1'] });
    expect(await problemOf({ fromSplits: ['train'] })).toMatchObject({
      path: ['fromSplits', '0'],
      code: 'UNKNOWN_SPLIT',
    });
    expect(await problemOf({ groupBy: ['nobody'] })).toMatchObject({ path: ['groupBy', '0'], code: 'UNKNOWN_COLUMN' });
    expect(await problemOf({ fractions: [{ name: 'train', fraction: 0.5 }] })).toMatchObject({
      path: ['fractions'],
      message: 'The fractions sum to 0.5, not 1.',
    });
  });
});

const halves = [
  { name: 'train', fraction: 0.5 },
  { name: 'test', fraction: 0.5 },
];

const row = fc.record({
  text: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h').map((text) => `${text}${text}`),
  label: fc.constantFrom('x', 'y', 'z', null),
  labels: fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's'), { maxLength: 3 }),
  group: fc.option(fc.nat(9)),
});

describe('drawSplits: laws', () => {
  test('each row has one split, groups and equal texts one together, with any number of threads', async () => {
    using one = await openStepDatabase(1);
    using four = await openStepDatabase(4);
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 40, maxLength: 90 }),
        fc.constantFrom(null, 'label', 'labels'),
        fc.boolean(),
        fc.boolean(),
        fc.nat(1000),
        async (values, stratifyBy, grouped, together, seed) => {
          const rows = values.map((each, i) => ({ values: together ? each : { ...each, text: `${i}` } }));
          const step = {
            fractions: halves,
            seed,
            stratifyBy,
            groupBy: grouped ? ['group'] : [],
            keepTogether: together ? ['text'] : [],
          };
          const drawn = await draw(one, rows, step).catch(emptySplit);
          expect(await draw(four, rows, step).catch(emptySplit)).toEqual(drawn);
          expect(drawn.every(({ split }) => split === 'train' || split === 'test')).toBe(true);
          const splitsBy = (key: (each: Row) => unknown) => {
            const splits = new Map<unknown, Set<string | null>>();
            for (const each of drawn) {
              if (key(each) === null) continue;
              splits.set(key(each), (splits.get(key(each)) ?? new Set()).add(each.split));
            }
            return [...splits.values()].map(({ size }) => size);
          };
          if (grouped) expect(Math.max(0, ...splitsBy(({ group }) => group))).toBeLessThanOrEqual(1);
          if (together) expect(Math.max(0, ...splitsBy(({ text }) => text))).toBeLessThanOrEqual(1);
          if (grouped || together) return;
          const inTrain = drawn.filter(({ split }) => split === 'train').length;
          // A row of rounding for each stratum that is drawn by itself.
          expect(Math.abs(inTrain - drawn.length / 2)).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** All rows may be one unit. */
function emptySplit(error: { readonly problems: readonly { readonly code: string }[] }): readonly Row[] {
  expect(error.problems.map(({ code }) => code)).toEqual(['EMPTY_SPLIT']);
  return [];
}
