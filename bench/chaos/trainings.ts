import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import type { GraphQLClient } from '../../tests/support/graphql-client.js';
import { toyWords, writeToyModel } from '../train/toy.js';
import type { Site } from './site.js';

const problems = '... on Problems { problems { path code message hint } }';

/** What every training starts from. */
export interface Material {
  readonly baseModelId: string;
  readonly datasetVersionId: string;
}

/** One way to train; every training in this way has to end with the same bytes. */
export interface Variant {
  readonly name: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
}

/** 400 rows: 320 to train on, in batches of 8: 40 steps an epoch. */
const rowCount = 400;

/** 800 steps each, 20 to 40 checkpoints: some seconds, so that several faults meet every training. */
export const variants: readonly Variant[] = [
  { name: 'all weights', hyperparameters: { epochs: 20, dropout: 0.1, checkpointEverySteps: 25 } },
  {
    name: 'an adapter',
    hyperparameters: { epochs: 20, adapter: { lora: { rank: 4, dropout: 0.2 } }, checkpointEverySteps: 30 },
  },
  {
    // The learning rate is too high to improve for long, so the model is that of an earlier checkpoint.
    name: 'early stopping',
    hyperparameters: {
      epochs: 40,
      learningRate: 0.02,
      earlyStopping: { metric: 'validation/loss', patience: 12 },
      checkpointEverySteps: 20,
    },
  },
];

/** Imports a tiny BERT of random weights, and uploads rows whose class is told by one of their words. */
export async function prepareMaterial(site: Site): Promise<Material> {
  const folder = join(site.home, 'toy-model');
  await writeToyModel(folder, classes);
  return site.withAnyApi(async (client) => {
    const imported = await client.mutate<{ id: string }>(
      `mutation ($input: ImportBaseModelInput!) { importBaseModel(input: $input) { ... on ModelImport { id } ${problems} } }`,
      { name: 'tiny', source: { folder: { path: folder } }, idempotencyKey: 'tiny' },
    );
    let baseModelId: string | undefined;
    for await (const { modelImportChanged } of client.subscribe<{
      modelImportChanged: { model: { id: string } | null };
    }>('subscription ($id: ID!) { modelImportChanged(importId: $id) { model { id } } }', { id: imported.id })) {
      baseModelId = modelImportChanged.model?.id;
    }
    if (baseModelId === undefined) throw new Error('The import ended without a model.');
    return { baseModelId, datasetVersionId: await createDataset(client) };
  });
}

const classes = ['cards', 'fees', 'transfers'];

async function createDataset(client: GraphQLClient): Promise<string> {
  const random = createRandom(2);
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const filler = Array.from({ length: 6 }, () => toyWords[10 + Math.floor(100 * uniform(random))]);
    // Every tenth row names the class of another, so that the loss never comes to rest.
    const told = row % 10 === 0 ? Math.floor(3 * uniform(random)) : row % 3;
    return { text: [toyWords[told], ...filler].join(' '), topic: classes[row % 3] };
  });
  const upload = await client.mutate<{ id: string; url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problems} } }`,
    { fileName: 'rows.jsonl', format: 'JSONL' },
  );
  await client.upload(upload.url, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const dataset = await client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name: 'topics', uploadId: upload.id, split: { seed: 7 }, idempotencyKey: 'topics' },
  );
  return dataset.latest.id;
}

/**
 * Asks for a training until an API has answered: by one idempotency key, so that it is begun once, even where the
 * answer to the first request was lost.
 */
export async function startTraining(site: Site, material: Material, variant: Variant, name: string): Promise<string> {
  const input = {
    name,
    ...material,
    method: { supervised: { textColumn: 'text', labelColumn: 'topic' } },
    hyperparameters: { maxLength: 16, batchSize: 8, learningRate: 0.003, seed: 5, ...variant.hyperparameters },
    idempotencyKey: randomUUID(),
  };
  const { id } = await site.withAnyApi((client) =>
    client.mutate<{ id: string }>(
      `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
      input,
    ),
  );
  return id;
}
