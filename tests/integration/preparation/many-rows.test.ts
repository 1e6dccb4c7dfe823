import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runRecipe } from '../../../gpu-worker/preparation/run-recipe.js';
import { writeRows } from '../../../gpu-worker/preparation/write-rows.js';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import { sha256Hex } from '../../../src/protocol/sha256-hex.js';
import { openStepDatabase } from '../../support/step-database.js';

/** Row groups of DuckDB have 122,880 rows: fewer are read by one thread, however many there are. */
const rows = 130_000;

type Types = Readonly<Record<string, ColumnType>>;

/** Rows by an expression of SQL for each column, of the row's number `i`. */
interface Rows {
  readonly types: Types;
  readonly values: Readonly<Record<string, string>>;
}

/** Texts, labels, numbers and times, with duplicates and gaps. */
const measured: Rows = {
  types: { text: 'TEXT', label: 'TEXT', score: 'FLOAT', other: 'FLOAT', at: 'INTEGER' },
  values: {
    text: `CASE WHEN i % 10 = 9 THEN 'lonely' || i ELSE 'text number ' || ((i * 7919) % 100003) END`,
    label: `CASE WHEN i % 50 = 0 THEN NULL ELSE 'l' || ((i * 31) % 7 % 5) END`,
    score: 'CASE WHEN i % 11 = 0 THEN NULL ELSE sin(i) * 1e3 END',
    other: 'CASE WHEN i % 13 = 0 THEN NULL ELSE cos(i) / 7 END',
    at: '((i * 104729) % 100003)::BIGINT',
  },
};

const cleaning = Recipe.parse([
  { kind: 'dropMissing', columns: ['label'] },
  {
    kind: 'dropDuplicates',
    columns: ['text'],
    match: 'exact',
    scope: 'rows',
    keep: 'last',
    splitOrder: [],
    versions: [],
  },
  {
    kind: 'filterLength',
    column: 'text',
    unit: 'words',
    atLeast: 2,
    atMost: null,
    model: null,
    keepMissing: true,
  },
  { kind: 'markMissing', column: 'score', as: 'gap' },
  { kind: 'splitByTime', column: 'at', splits: ['train', 'test'], fractions: [0.8, 0.2] },
  // Means of floating-point numbers depend on the order in which they are added.
  { kind: 'fillMissing', columns: ['score'], by: 'MEAN', groupBy: 'label' },
  { kind: 'fillMissing', columns: ['other'], by: 'MEDIAN' },
  { kind: 'mergeColumns', columns: ['text', 'label'], as: 'both', separator: ': ', dropMerged: false },
  { kind: 'sampleRows', seed: 1, share: 0.5, within: { kind: 'column', column: 'label' } },
  { kind: 'balanceLabels', column: 'label', target: { kind: 'mean', by: 'both' }, split: 'train', seed: 3 },
]);

/** One in twenty-five of the first quarter has its text again at the same place of each other quarter. */
const [quarter, place] = [`(i // ${rows / 4})`, `(i % ${rows / 4})`];
const number = `(CASE WHEN ${place} % 25 = 0 THEN ${place} ELSE i END)`;
const sentence = `[
  'The people of house ' || ${number} || ' were waiting for the next train to the city.',
  'Der Zug nach Hause kam um ' || ${number} || ' Minuten zu spät in der Stadt an.',
  'Please write to anna' || i || '@mail.rome.it about the weather of yesterday.',
  'Los trenes de la ciudad llegaron ' || i || ' minutos tarde a la estación.'
][CASE ${place} % 100 WHEN 20 THEN 3 WHEN 70 THEN 3 WHEN 33 THEN 4 ELSE ${number} % 2 + 1 END]`;

/**
 * Sentences in three languages, in small letters and capitals. Those that are there four times have two labels that are
 * as frequent, or one that is more frequent than two others; one in fifty has an address.
 */
const sentences: Rows = {
  types: { text: 'TEXT', label: 'TEXT', person: 'INTEGER', city: 'TEXT' },
  values: {
    text: `CASE WHEN ${quarter} = 2 THEN upper(${sentence}) ELSE ${sentence} END`,
    label: `'l' || CASE WHEN ${place} % 25 <> 0 THEN (i * 31) % 7 % 5 ELSE [2, 1, 1, ${place} % 2 + 2][${quarter} + 1] END`,
    person: '(i * 7919) % 30011',
    city: `CASE WHEN i % 7 = 0 THEN NULL ELSE ['Rome', 'Oslo', 'Lima'][i % 3 + 1] END`,
  },
};

const augmenting = Recipe.parse([
  { kind: 'changeCase', columns: ['text'], to: 'sentence' },
  { kind: 'maskPersonalData', columns: ['text'], ...usualScan, mask: 'PSEUDONYM', seed: 3 },
  {
    kind: 'resolveLabelConflicts',
    columns: ['text'],
    match: 'normalized',
    label: 'label',
    action: 'majority',
    ties: 'first',
  },
  { kind: 'fillMissing', columns: ['city'], by: 'MODE', groupBy: 'label' },
  {
    kind: 'drawSplits',
    fractions: [
      { name: 'train', fraction: 0.8 },
      { name: 'test', fraction: 0.2 },
    ],
    seed: 5,
    stratifyBy: 'label',
    keepTogether: [],
  },
  {
    kind: 'dropDuplicates',
    columns: ['text'],
    match: 'normalized',
    scope: 'splits',
    keep: 'first',
    splitOrder: ['test'],
    versions: [],
  },
  {
    kind: 'filterLanguage',
    column: 'text',
    action: 'KEEP',
    languages: ['en', 'de'],
    minConfidence: 0.3,
    keepUnknown: true,
    as: 'language',
  },
  {
    kind: 'assignFolds',
    column: 'fold',
    folds: 5,
    seed: 7,
    stratifyBy: 'label',
    groupBy: ['person'],
    keepTogether: [],
  },
  {
    kind: 'augmentText',
    column: 'text',
    methods: [{ kind: 'randomSwap' }, { kind: 'randomDeletion', share: 0.2 }],
    amount: { kind: 'ofShare', share: 0.25 },
    split: 'train',
    seed: 11,
  },
  {
    kind: 'addFromTemplates',
    column: 'text',
    templates: ['{city}: {text}', 'Of {city}, {text:small}', '{text} ({label})'],
    perRow: 1,
    split: 'test',
    seed: 13,
  },
]);

async function prepare({ types, values }: Rows, recipe: Recipe, threads: number) {
  using opened = await openStepDatabase(threads);
  const { database, names } = opened.tools;
  const folder = await mkdtemp(join(tmpdir(), 'attune-many-rows-'));
  try {
    const name = names.table();
    const columns = Object.entries(types).map(([column, type]) => ({ name: column, type, field: names.field() }));
    const fields = columns.map((column) => `${values[column.name]} AS ${column.field}`);
    await database.query(
      `CREATE TABLE ${name} AS
       SELECT i::BIGINT AS row, NULL::VARCHAR AS split, NULL::VARCHAR AS made_by, NULL::BIGINT AS source_row,
         ${fields.join(', ')}
       FROM range(${rows}) r(i)`,
    );
    const { table, reports } = await runRecipe(recipe, { name, columns }, opened.tools);
    const { path } = await writeRows(database, table, {
      split: null,
      leftOutColumns: [],
      folder,
      onStage: () => undefined,
    });
    return { digest: sha256Hex(await readFile(path)), reports };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('more rows than a thread takes at once make the same bytes with one thread and with four', () => {
  test('of a recipe that cleans', async () => {
    const [one, four] = [await prepare(measured, cleaning, 1), await prepare(measured, cleaning, 4)];
    // Every fiftieth of 130,000 rows has no label.
    expect(one.reports[0]).toMatchObject({ rowsBefore: rows, dropped: 2_600 });
    // Of the 127,400 rows that are left, 104,601 have different texts.
    expect(one.reports[1]).toMatchObject({ dropped: 127_400 - 104_601 });
    // One in ten has a text of a single word.
    expect(one.reports[2]).toMatchObject({ dropped: rows / 10 });
    expect(one.reports.map(({ added }) => added).at(-1)).toBeGreaterThan(0);
    expect(four.reports).toEqual(one.reports);
    expect(four.digest).toBe(one.digest);
  }, 120_000);

  test('of a recipe that makes rows', async () => {
    const [one, four] = [await prepare(sentences, augmenting, 1), await prepare(sentences, augmenting, 4)];
    const [, masked, voted, , , apart, filtered, , augmented, templated] = one.reports;
    // One in fifty has an address.
    expect(masked).toMatchObject({ rowsBefore: rows, changed: rows / 50 });
    // Two of the four rows with one text have another label than the two that win.
    expect(voted).toMatchObject({ changed: (rows / 25) * (2 / 4), dropped: 0 });
    expect(apart!.dropped).toBeGreaterThan(0);
    // One in a hundred is in Spanish.
    expect(filtered).toMatchObject({ dropped: rows / 100, columnsAdded: ['language'] });
    // A quarter of the rows to train on, but for copies that equal others.
    expect(augmented!.added).toBeGreaterThan(0.2 * 0.8 * rows);
    expect(templated!.added).toBeGreaterThan(0.19 * rows);
    expect(four.reports).toEqual(one.reports);
    expect(four.digest).toBe(one.digest);
  }, 240_000);
});
