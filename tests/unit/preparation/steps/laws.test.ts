import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { ProblemsError } from '../../../../src/problems/problem.js';
import { PreparationStep, Recipe } from '../../../../src/protocol/preparation/recipe.js';
import { openStepDatabase, type StepDatabase, type TestRow } from '../../../support/step-database.js';
import { type Law, laws } from './step-laws.js';

const types = { text: 'TEXT', label: 'TEXT', part: 'TEXT', score: 'FLOAT', at: 'INTEGER' } as const;

/** Rows that every table has, so that each step has something to do, and leaves a row. */
const pinned: readonly TestRow[] = [
  ['Das ist ein deutscher Satz, der hier steht.', 'a', 'train', 1.5, 0],
  ['This one is an English sentence, and it stays here.', 'b', 'test', null, 100],
  ['Yet another English sentence about the weather of today.', 'b', 'train', 7.25, 60],
  ['Noch ein deutscher Satz über das Wetter von heute.', 'c', 'test', -3, 40],
].map(([text, label, part, score, at]) => ({
  split: part as string,
  values: { text, label, part, score, at } as TestRow['values'],
}));

const oddTexts = [
  '',
  ' \u00a0\t',
  'two  spaces ',
  'Two spaces',
  'two spaces',
  'cafÃ©',
  '<b>bold</b> &amp;amp; more',
  'write to anna.lind@example.org, 4111 1111 1111 1111',
  'ab\u0007c\u200b',
  'ﬁne ＡＢ',
  'İstanbul ǅ ß',
  '12345 and 67890',
  'one two three four five six seven eight nine ten eleven twelve',
  'one two three four five six seven eight nine ten eleven thirteen',
];

const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ unit: 'grapheme', maxLength: 12 }));
const row = fc.record({
  split: fc.constantFrom('train', 'test'),
  values: fc.record({
    text: fc.option(text, { freq: 9 }),
    label: fc.option(fc.constantFrom('a', 'A', ' b', 'b', 'c', ''), { freq: 5 }),
    part: fc.constantFrom('train', 'test', 'validation'),
    score: fc.option(fc.integer({ min: -100, max: 100 }).map((n) => n / 4)),
    at: fc.integer({ min: 0, max: 100 }),
  }),
});
const tables = fc
  .array(row, { minLength: 24, maxLength: 48, size: 'max' })
  .map((rows): readonly TestRow[] => [...pinned, ...rows]);

let one: StepDatabase;
let several: StepDatabase;
beforeAll(async () => {
  one = await openStepDatabase(1);
  several = await openStepDatabase(4);
});
afterAll(async () => {
  one[Symbol.dispose]();
  several[Symbol.dispose]();
});

type Row = Readonly<Record<string, unknown>>;
const byNumber = (rows: readonly Row[]) => new Map(rows.map((each) => [each.row as number, each]));

async function prepare(database: StepDatabase, rows: readonly TestRow[], steps: readonly object[]) {
  const given = await database.load(types, rows);
  try {
    const before = await database.rows(given);
    const { table, reports } = await runRecipe(Recipe.parse(steps), given, database.tools);
    const after = await database.rows(table);
    expect(await database.rows(given), 'the table that came in').toEqual(before);
    expect(new Set(await database.tables()), 'tables that are there').toEqual(new Set([given.name, table.name]));
    return { before, after, reports, columns: table.columns.map(({ name }) => name) };
  } finally {
    for (const name of await database.tables()) await database.tools.database.query(`DROP TABLE ${name}`);
  }
}

/** What holds of one run of a step. */
function holdsOnce(law: Law, { before, after, reports: [report] }: Awaited<ReturnType<typeof prepare>>): void {
  const [old, made] = [byNumber(before), byNumber(after)];
  expect(made.size, 'numbers are unique').toBe(after.length);
  const dropped = [...old.keys()].filter((number) => !made.has(number));
  const added = [...made.keys()].filter((number) => !old.has(number));
  if (law.drops !== true) expect(dropped).toEqual([]);
  if (law.adds !== true) expect(added).toEqual([]);
  for (const number of added) expect(number).toBeGreaterThan(before.length - 1);
  const both = [...old.keys()].filter((number) => made.has(number));
  const shared = Object.keys(types).filter((name) => name in (after[0] ?? {}));
  const differs = (number: number, name: string) => !Object.is(old.get(number)![name], made.get(number)![name]);
  const touched = new Set([...(law.writes ?? []), ...(law.splits === true ? ['split'] : [])]);
  for (const name of [...shared, 'split']) {
    if (touched.has(name)) continue;
    expect(
      both.filter((number) => differs(number, name)),
      `rows with another “${name}”`,
    ).toEqual([]);
  }
  const changed = both.filter((number) => [...shared, 'split'].some((name) => differs(number, name)));
  expect(report).toMatchObject({
    rowsBefore: before.length,
    rowsAfter: after.length,
    dropped: dropped.length,
    added: added.length,
    ...(law.renames === true ? {} : { changed: changed.length }),
  });
}

describe('a step of a recipe', () => {
  test('of every kind has its laws', () => {
    const kinds = PreparationStep.options.map(({ shape }) => shape.kind.value);
    expect([...new Set(laws.map(({ step }) => step.kind))].sort()).toEqual([...kinds].sort());
  });

  test.each(laws.map((law) => [law.name ?? law.step.kind, law] as const))('%s keeps its laws', async (_, law) => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const first = await prepare(several, rows, [law.step]);
        holdsOnce(law, first);
        if (law.again === 'same') {
          // With another number of threads: it makes no difference, either.
          const twice = await prepare(one, rows, [law.step, law.step]);
          expect(twice.reports[0]).toEqual(first.reports[0]);
          expect(twice.reports[1]).toMatchObject({ changed: 0, dropped: 0, added: 0 });
          expect(twice.after).toEqual(first.after);
          return;
        }
        expect(await prepare(one, rows, [law.step])).toEqual(first);
        if (law.again === 'differs') return;
        const refused = await prepare(one, rows, [law.step, law.step]).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(ProblemsError);
        expect((refused as ProblemsError).problems).toMatchObject([
          { code: law.again, path: ['recipe', '1', law.step.kind, ...law.refusedAt!] },
        ]);
      }),
      { numRuns: 1, seed: 20, endOnFailure: true },
    );
  });
});
