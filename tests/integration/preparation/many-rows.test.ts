import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runRecipe } from '../../../gpu-worker/preparation/run-recipe.js';
import { writeRows } from '../../../gpu-worker/preparation/write-rows.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { sha256Hex } from '../../../src/protocol/sha256-hex.js';
import { openStepDatabase } from '../../support/step-database.js';

/** Row groups of DuckDB have 122,880 rows: fewer are read by one thread, however many there are. */
const rows = 130_000;

const recipe = Recipe.parse([
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

async function prepare(threads: number) {
  using opened = await openStepDatabase(threads);
  const { database, names } = opened.tools;
  const folder = await mkdtemp(join(tmpdir(), 'attune-many-rows-'));
  try {
    const name = names.table();
    const types = { text: 'TEXT', label: 'TEXT', score: 'FLOAT', other: 'FLOAT', at: 'INTEGER' } as const;
    const columns = Object.entries(types).map(([column, type]) => ({ name: column, type, field: names.field() }));
    const [text, label, score, other, at] = columns.map(({ field }) => field);
    await database.query(
      `CREATE TABLE ${name} AS
       SELECT i::BIGINT AS row, NULL::VARCHAR AS split, NULL::VARCHAR AS made_by, NULL::BIGINT AS source_row,
         CASE WHEN i % 10 = 9 THEN 'lonely' || i ELSE 'text number ' || ((i * 7919) % 100003) END AS ${text},
         CASE WHEN i % 50 = 0 THEN NULL ELSE 'l' || ((i * 31) % 7 % 5) END AS ${label},
         CASE WHEN i % 11 = 0 THEN NULL ELSE sin(i) * 1e3 END AS ${score},
         CASE WHEN i % 13 = 0 THEN NULL ELSE cos(i) / 7 END AS ${other},
         ((i * 104729) % 100003)::BIGINT AS ${at}
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

test('more rows than a thread takes at once make the same bytes with one thread and with four', async () => {
  const [one, four] = [await prepare(1), await prepare(4)];
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
