import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepare } from '../../../gpu-worker/data-jobs/prepare.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { madeByColumn, rowColumn, sourceRowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import { PrepareJob } from '../../../src/protocol/preparation/prepare-job.js';
import { verifiedPath } from '../../../src/storage/verified-path.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { edaMethods } from '../../support/eda-methods.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop?.close());

const train = [
  { text: 'Transfer the card for my payment today, please.', label: 'card' },
  { text: 'The film of the transfer was wonderful.', label: 'film' },
  { text: 'My film starts quickly.', label: 'film' },
];
const held = [{ text: 'The card was concealed.', label: 'card' }];

async function upload(rows: readonly object[], split: string | null) {
  const { digest } = await workshop.store.write(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  const uploadId = crypto.randomUUID();
  return { kind: 'upload', uploadId, fileName: 'rows.jsonl', digest, format: 'JSONL', fileOptions: null, split };
}

/** Rows of the version that a recipe makes, and its digest. */
async function prepared(
  recipe: readonly object[],
  threads: number,
  splits = ['train', 'test'],
  availableBytes = Number.POSITIVE_INFINITY,
) {
  const sources = [await upload(train, splits[0] ?? null), await upload(held, splits[1] ?? null)];
  const job = PrepareJob.parse({
    kind: 'prepare',
    preparationId: crypto.randomUUID(),
    target: { kind: 'rows' },
    sources,
    recipe,
    split: null,
    textNames: null,
    roles: [],
  });
  const outcome = await prepare(job, recordingContext().context, {
    store: workshop.store,
    folder: await mkdtemp(join(workshop.root, 'rows-')),
    ingestion: { threads, memoryLimitMb: 256 },
    openEngine: () => createEngine({ target: 'cpu', threads: 1 }),
    availableBytes: () => availableBytes,
    importing: workshop.tools,
  });
  const { digest, steps } = outcome.prepared!;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const path = await verifiedPath(workshop.store, digest);
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
  const rows = reader.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return { digest, steps, rows };
}

const augment = { kind: 'augmentText', column: 'text', split: 'train', seed: 3 };

test('a version has made rows in its training split alone, marked, and the same bytes by any number of threads', async () => {
  const model = fileURLToPath(new URL('../../numerics/reference/masked/bert', import.meta.url));
  const { digest: modelDigest } = await importModel(fromFolder(model), workshop.tools);
  const masked = { kind: 'maskedModel', share: 0.2, modelDigest, topK: 60, temperature: 2 };
  const recipe = [
    {
      ...augment,
      methods: [...edaMethods(null, 0.25), masked],
      amount: { kind: 'ofEachRow', copies: 5 },
    },
    {
      kind: 'addFromTemplates',
      column: 'text',
      templates: ['Help: {text:small}'],
      perRow: null,
      split: 'train',
      seed: 3,
    },
    { kind: 'balanceLabels', column: 'label', target: { kind: 'largest' }, change: null, split: 'train', seed: 3 },
  ];
  const { digest, steps, rows } = await prepared(recipe, 1);
  expect((await prepared(recipe, 4)).digest).toBe(digest);
  expect(steps.map(({ changed, dropped }) => [changed, dropped])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(steps[0]!.added).toBeGreaterThan(8);
  expect(steps[1]!.added).toBe(3);
  expect(rows).toHaveLength(4 + steps.reduce((sum, { added }) => sum + added, 0));
  expect(rows.map((row) => Number(row[rowColumn]))).toEqual(rows.map((_, index) => index));
  expect(rows.slice(0, 4).map(({ text, label }) => ({ text, label }))).toEqual([...train, ...held]);
  const originals = new Map(rows.slice(0, 4).map((row) => [row[rowColumn], row]));
  for (const row of rows.slice(4)) {
    expect(row[splitColumn]).toBe('train');
    const source =
      originals.get(row[sourceRowColumn]!) ?? rows.find((each) => each[rowColumn] === row[sourceRowColumn]);
    expect(source).toMatchObject({ [splitColumn]: 'train', label: row.label });
  }
  const kinds = rows.map((row) => row[madeByColumn]);
  expect(kinds.slice(0, 4)).toEqual([null, null, null, null]);
  const countOf = (kind: string) => kinds.filter((each) => each === kind).length;
  expect(recipe.map(({ kind }) => countOf(kind))).toEqual(steps.map(({ added }) => added));
  const labelled = (label: string) => rows.filter((row) => row.label === label && row[splitColumn] === 'train').length;
  expect(labelled('card')).toBe(labelled('film'));
});

test('rows without splits are refused, with the place of the step in the recipe', async () => {
  await expect(prepared([{ ...augment, methods: edaMethods(null, 0.25), amount: null }], 1, [])).rejects.toMatchObject({
    problems: [{ path: ['recipe', '0', 'augmentText', 'split'], code: 'UNKNOWN_SPLIT' }],
  });
});

test('a model that predicts no masked tokens is refused at its place', async () => {
  const bare = fileURLToPath(new URL('../../numerics/reference/hugging-face/bert-bare', import.meta.url));
  const { digest: modelDigest } = await importModel(fromFolder(bare), workshop.tools);
  const methods = [{ kind: 'maskedModel', share: 0.2, modelDigest, topK: 60, temperature: 2 }];
  await expect(prepared([{ ...augment, methods, amount: null }], 1)).rejects.toMatchObject({
    problems: [{ path: ['recipe', '0', 'augmentText', 'methods', '0', 'modelDigest'] }],
  });
  await expect(prepared([{ ...augment, methods, amount: null }], 1, ['train', 'test'], 1e6)).rejects.toMatchObject({
    problems: [
      {
        path: ['recipe', '0', 'augmentText', 'methods', '0', 'modelDigest'],
        code: 'OUT_OF_MEMORY',
        message: expect.stringContaining('the worker has 1.0 MB left'),
      },
    ],
  });
});
