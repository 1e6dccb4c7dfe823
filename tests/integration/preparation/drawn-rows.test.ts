import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runRecipe } from '../../../gpu-worker/preparation/run-recipe.js';
import { writeRows } from '../../../gpu-worker/preparation/write-rows.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { sha256Hex } from '../../../src/protocol/sha256-hex.js';
import { openStepDatabase } from '../../support/step-database.js';

/** 3,000 rows of 700 authors, of whom the first wrote most; each with up to three of twelve topics. */
const rows = Array.from({ length: 3000 }, (_, i) => ({
  values: {
    text: `text ${i % 2700}`,
    author: Math.floor(700 * (((i * 7919) % 3000) / 3000) ** 2),
    topics: [0, 1, 2].filter((k) => (i * (k + 3)) % 5 < 2).map((k) => `topic ${(i * (2 * k + 1)) % (4 * (k + 1))}`),
    score: i % 11 === 0 ? null : (i % 97) / 7,
  },
}));

const recipe = Recipe.parse([
  {
    kind: 'drawSplits',
    fractions: [
      { name: 'train', fraction: 0.8 },
      { name: 'validation', fraction: 0.1 },
      { name: 'test', fraction: 0.1 },
    ],
    seed: 3,
    stratifyBy: 'topics',
    groupBy: ['author'],
    keepTogether: ['text'],
  },
  { kind: 'fillMissing', columns: ['score'], by: 'MEAN', groupBy: 'author' },
  { kind: 'assignFolds', column: 'fold', folds: 4, seed: 3, stratifyBy: 'topics', ofSplits: ['train'] },
]);

async function write(threads: number) {
  using database = await openStepDatabase(threads);
  const folder = await mkdtemp(join(tmpdir(), 'attune-drawn-'));
  try {
    const table = await database.load({ text: 'TEXT', author: 'INTEGER', topics: 'TEXT_LIST', score: 'FLOAT' }, rows);
    const { table: made } = await runRecipe(recipe, table, database.tools);
    const drawn = await database.rows(made);
    const request = { split: null, leftOutColumns: [], folder, onStage: () => undefined };
    const { path, splits } = await writeRows(database.tools.database, made, request);
    return { drawn, splits, digest: sha256Hex(await readFile(path)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a recipe writes the same bytes with any number of threads, and no author, text or topic is divided', async () => {
  const { drawn, splits, digest } = await write(1);
  expect((await write(4)).digest).toBe(digest);
  expect(drawn).toHaveLength(rows.length);
  for (const column of ['author', 'text']) {
    const splitOf = new Map<unknown, unknown>();
    for (const row of drawn) {
      expect(splitOf.get(row[column]) ?? row.split).toBe(row.split);
      splitOf.set(row[column], row.split);
    }
  }
  // Texts that occur twice join authors: the largest unit decides how near the shares can come.
  const share = (name: string): number => splits.find((each) => each.name === name)!.exampleCount / rows.length;
  expect(Math.abs(share('validation') - 0.1)).toBeLessThan(0.02);
  expect(Math.abs(share('test') - 0.1)).toBeLessThan(0.02);
  const topics = new Set(drawn.flatMap((row) => row.topics as string[]));
  for (const topic of topics) {
    const has = drawn.filter((row) => (row.topics as string[]).includes(topic));
    for (const split of ['train', 'validation', 'test']) {
      const inSplit = has.filter((row) => row.split === split).length / has.length;
      expect(Math.abs(inSplit - share(split))).toBeLessThan(0.03);
    }
  }
  expect(drawn.every((row) => (row.fold === null) === (row.split !== 'train'))).toBe(true);
}, 180_000);
