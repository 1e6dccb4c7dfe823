import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowTable } from '../../../../gpu-worker/preparation/row-table.js';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { ProblemsError } from '../../../../src/problems/problem.js';
import { PreparationStep, Recipe } from '../../../../src/protocol/preparation/recipe.js';
import type { StepReport } from '../../../../src/protocol/preparation/step-report.js';
import { openStepDatabase, type StepDatabase, type TestRow } from '../../../support/step-database.js';
import { type Law, laws } from './step-laws.js';

const types = { text: 'TEXT', label: 'TEXT', part: 'TEXT', score: 'FLOAT', at: 'INTEGER' } as const;

const oddTexts = [
  '',
  ' \u00a0\t',
  'two  spaces ',
  'Two spaces',
  'two spaces',
  'cafÃ©',
  '<b>bold</b> &amp;amp; more',
  'write to anna.lind@rome.it, 4111 1111 1111 1111',
  'ab\u0007c\u200b',
  'ﬁne ＡＢ',
  'İstanbul ǅ ß',
  '12345 and 67890',
  'one two three four five six seven eight nine ten eleven twelve',
  'one two three four five six seven eight nine ten eleven thirteen',
];

/** Rows that every table has, so that each step has something to do, and leaves a row. */
const pinned: readonly TestRow[] = [
  ['Das ist ein deutscher Satz, der hier steht.', 'a', 'train', 1.5, 0],
  ['This one is an English sentence, and it stays here.', 'b', 'test', null, 100],
  ['Yet another English sentence about the weather of today.', 'b', 'train', 7.25, 60],
  ['Noch ein deutscher Satz über das Wetter von heute.', 'c', 'test', -3, 40],
  ...oddTexts.map((text, i) => [text, ['a', 'b'][i % 2]!, 'train', i, i]),
].map(([text, label, part, score, at]) => ({
  split: part as string,
  values: { text, label, part, score, at } as TestRow['values'],
}));

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
  .array(row, { minLength: 16, maxLength: 36, size: 'max' })
  .map((rows): readonly TestRow[] => [...pinned, ...rows]);
const drawn = fc.sample(tables, { numRuns: 4, seed: 20 });

type Row = Readonly<Record<string, unknown>>;

interface LoadedTable {
  readonly given: RowTable;
  readonly before: readonly Row[];
}

/** A database that has the drawn tables, for all laws: no step may change a table that came in. */
interface Loaded {
  readonly database: StepDatabase;
  readonly loaded: readonly LoadedTable[];
}

async function load(database: StepDatabase): Promise<Loaded> {
  const loaded: LoadedTable[] = [];
  for (const rows of drawn) {
    const given = await database.load(types, rows);
    loaded.push({ given, before: await database.rows(given) });
  }
  return { database, loaded };
}

let one: Loaded;
let several: Loaded;
beforeAll(async () => {
  one = await load(await openStepDatabase(1));
  several = await load(await openStepDatabase(4));
});
afterAll(() => {
  one.database[Symbol.dispose]();
  several.database[Symbol.dispose]();
});

const byNumber = (rows: readonly Row[]) => new Map(rows.map((each) => [each.row as number, each]));

async function prepare({ database, loaded }: Loaded, index: number, steps: readonly object[]) {
  const { given, before } = loaded[index]!;
  const dropMade = async (): Promise<string[]> => {
    const tables = await database.tables();
    const made = tables.filter((name) => !loaded.some((input) => input.given.name === name));
    for (const name of made) await database.tools.database.query(`DROP TABLE ${name}`);
    return made;
  };
  const run = runRecipe(Recipe.parse(steps), given, database.tools);
  const { table, reports } = await run.catch(async (error: unknown) => {
    await dropMade();
    throw error;
  });
  const after = await database.rows(table);
  const kept = await database.rows(given);
  expect(await dropMade(), 'tables that it leaves').toEqual(table.name === given.name ? [] : [table.name]);
  expect(kept, 'the table that came in').toEqual(before);
  return { before, after, reports, columns: table.columns.map(({ name }) => name) };
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
  const found = Object.keys(after[0] ?? {}).filter((name) => !(name in (before[0] ?? {})));
  expect(law.renames === true || found.length > 0, 'whether it makes a column').toBe(
    (law.renames ?? law.marks) === true,
  );
  const isMarked = (number: number) => found.some((name) => ![null, false].includes(made.get(number)![name] as null));
  const changed = both.filter(
    (number) => [...shared, 'split'].some((name) => differs(number, name)) || isMarked(number),
  );
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

  const named = laws.map((law) => [law.name ?? law.step.kind, law] as const);
  test.each(named)('%s keeps its laws', async (_, law) => {
    const reports: StepReport[] = [];
    for (const index of drawn.keys()) reports.push(await holds(law, index));
    // Of steps that do nothing, laws say nothing.
    const does = (count: (report: StepReport) => number) => reports.some((report) => count(report) > 0);
    expect({
      drops: does(({ dropped }) => dropped),
      adds: does(({ added }) => added),
      changes: does(({ changed }) => changed),
    }).toEqual({
      drops: law.drops === true,
      adds: law.adds === true,
      changes: law.renames === true ? expect.any(Boolean) : (law.writes ?? law.splits ?? law.marks) !== undefined,
    });
  });
});

/** What a law says of the table of an index, whatever the number of threads is; returns what the step did. */
async function holds(law: Law, index: number): Promise<StepReport> {
  const first = await prepare(several, index, [law.step]);
  holdsOnce(law, first);
  if (law.again === 'same') {
    // With another number of threads: it makes no difference, either.
    const twice = await prepare(one, index, [law.step, law.step]);
    expect(twice.reports[0]).toEqual(first.reports[0]);
    expect(twice.reports[1]).toMatchObject({ changed: 0, dropped: 0, added: 0 });
    expect(twice.after).toEqual(first.after);
    return first.reports[0]!;
  }
  expect(await prepare(one, index, [law.step])).toEqual(first);
  // Whether it is refused depends on columns and splits, which are the same in every table.
  if (law.again === 'differs' || index > 0) return first.reports[0]!;
  const refused = await prepare(one, index, [law.step, law.step]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemsError);
  expect((refused as ProblemsError).problems).toMatchObject([
    { code: law.again, path: ['recipe', '1', law.step.kind, ...law.refusedAt!] },
  ]);
  return first.reports[0]!;
}
