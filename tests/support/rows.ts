import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { globalId } from '../../src/graphql/global-id.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';

/** Rows that tests need, inserted directly. */

export function digest(of: string | Uint8Array): string {
  return createHash('sha256').update(of).digest('hex');
}

export async function insertArtifact(dataSource: DataSource, name: string): Promise<string> {
  await dataSource.query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'application/octet-stream') ON CONFLICT DO NOTHING`,
    [digest(name)],
  );
  return digest(name);
}

export const topicColumns = [
  { name: 'text', type: 'TEXT', missing: 0, distinct: 100, labels: null },
  {
    name: 'label',
    type: 'TEXT',
    missing: 0,
    distinct: 2,
    labels: [
      { label: 'ham', count: 60 },
      { label: 'spam', count: 40 },
    ],
  },
  { name: 'stars', type: 'INTEGER', missing: 10, distinct: 5, labels: null },
] as const;

/** A dataset with one version: splits train 80, validation 10, test 10. */
export async function insertDataset(
  dataSource: DataSource,
  projectId: string,
  options: { readonly name: string; readonly versions?: number; readonly splits?: Record<string, number> },
): Promise<{ id: string; versionIds: string[] }> {
  const id = randomUUID();
  const splits = Object.entries(options.splits ?? { train: 80, validation: 10, test: 10 });
  await dataSource.query('INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, $3)', [
    id,
    projectId,
    options.name,
  ]);
  const versionIds: string[] = [];
  for (let number = 1; number <= (options.versions ?? 1); number += 1) {
    const versionId = randomUUID();
    const file = await insertArtifact(dataSource, `${options.name} ${number}`);
    await dataSource.query(
      `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
       VALUES ($1, $2, $3, $4, $4, 'CSV', $5, 0, $6, $7, $8)`,
      [
        versionId,
        id,
        number,
        file,
        splits.reduce((sum, [, count]) => sum + count, 0),
        JSON.stringify(topicColumns),
        JSON.stringify(splits.map(([name, exampleCount]) => ({ name, exampleCount }))),
        JSON.stringify({ splitColumn: null, fractions: [], seed: 0, stratifyBy: null, keepTogether: [] }),
      ],
    );
    versionIds.push(versionId);
  }
  return { id, versionIds };
}

/** A WordPiece tokenizer of 120 tokens. */
export const tinyTokenizer = readFileSync(
  new URL('../numerics/reference/hugging-face/bert/tokenizer.json', import.meta.url),
);

export const tinyManifest: ModelManifest = {
  formatVersion: 1,
  config: {
    architecture: 'use-lite',
    vocabularySize: 100,
    embeddingSize: 4,
    hiddenSize: 8,
    intermediateSize: 16,
    attentionHeads: 2,
    layers: 2,
    layerNormEpsilon: 1e-6,
    maxPositions: 128,
    outputSize: 8,
  },
  parameterCount: 1000,
  contextLength: 128,
  licence: 'Apache-2.0',
  weights: { digest: digest('weights'), sizeBytes: 4000 },
  tokenizer: { digest: digest(tinyTokenizer), kind: 'WordPiece', vocabularySize: 120 },
  layers: [
    { name: 'embeddings', index: 0, parameterCount: 400, tensors: [] },
    { name: 'layer0', index: 1, parameterCount: 250, tensors: [] },
    { name: 'layer1', index: 2, parameterCount: 250, tensors: [] },
    { name: 'pooling', index: 3, parameterCount: 100, tensors: [] },
  ],
  heads: [],
  maxLength: null,
  pooling: null,
  truncationSide: 'right',
  adapter: null,
  files: [],
};

const [hidden, intermediate] = [8, 16];
const [h, hh, ih, hi] = [[hidden], [hidden, hidden], [intermediate, hidden], [hidden, intermediate]];
/** Shapes of a BERT layer's tensors, by transformers' names. */
const bertLayer: Readonly<Record<string, readonly number[]>> = {
  'attention.self.query.weight': hh,
  'attention.self.query.bias': h,
  'attention.self.key.weight': hh,
  'attention.self.key.bias': h,
  'attention.self.value.weight': hh,
  'attention.self.value.bias': h,
  'attention.output.dense.weight': hh,
  'attention.output.dense.bias': h,
  'attention.output.LayerNorm.weight': h,
  'attention.output.LayerNorm.bias': h,
  'intermediate.dense.weight': ih,
  'intermediate.dense.bias': [intermediate],
  'output.dense.weight': hi,
  'output.dense.bias': h,
  'output.LayerNorm.weight': h,
  'output.LayerNorm.bias': h,
};

function describeLayer(name: string, index: number, shapes: Readonly<Record<string, readonly number[]>>) {
  const tensors = Object.entries(shapes).map(([tensor, shape]) => ({
    name: tensor,
    shape: [...shape],
    dtype: 'F32' as const,
  }));
  const parameterCount = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return { name, index, parameterCount, tensors };
}

/** A BERT of two layers of 8 without a pooler: 1,296 numbers in the embeddings, 600 in each layer. */
export const tinyBert: ModelManifest = {
  ...tinyManifest,
  config: {
    architecture: 'bert',
    vocabularySize: 120,
    hiddenSize: hidden,
    intermediateSize: intermediate,
    attentionHeads: 2,
    layers: 2,
    maxPositions: 40,
    tokenTypes: 2,
    layerNormEpsilon: 1e-12,
    activation: 'gelu',
    hiddenDropout: 0.1,
    attentionDropout: 0.1,
    classifierDropout: 0.1,
    padTokenId: 0,
  },
  parameterCount: 1296 + 2 * 600,
  contextLength: 40,
  layers: [
    describeLayer('embeddings', 0, { 'embeddings.word_embeddings.weight': [162, hidden] }),
    ...[0, 1].map((i) =>
      describeLayer(
        `encoder.layer.${i}`,
        i + 1,
        Object.fromEntries(Object.entries(bertLayer).map(([name, shape]) => [`encoder.layer.${i}.${name}`, shape])),
      ),
    ),
  ],
};

/** A Llama with its own matrix for the next token: 2 layers, whose tensors are those of `tinyBert`. */
export const tinyLlama: ModelManifest = {
  ...tinyBert,
  config: {
    architecture: 'llama',
    vocabularySize: 162,
    hiddenSize: hidden,
    intermediateSize: intermediate,
    attentionHeads: 2,
    keyValueHeads: 1,
    headSize: 4,
    layers: 2,
    maxPositions: 40,
    normEpsilon: 1e-6,
    rotaryBase: 10_000,
    rotaryScaling: { kind: 'none' },
    slidingWindow: null,
    attentionBias: false,
    feedForwardBias: false,
    attentionDropout: 0,
    classifierDropout: 0,
    padTokenId: null,
    tiesEmbeddings: false,
  },
  parameterCount: 2 * 1296 + 2 * 600,
  layers: [...tinyBert.layers, describeLayer('lm_head', 3, { 'lm_head.weight': [162, hidden] })],
};

export async function insertBaseModel(
  dataSource: DataSource,
  projectId: string,
  options: {
    readonly name: string;
    readonly heads?: ModelManifest['heads'];
    readonly producedByRunId?: string;
    /** Default: `tinyManifest`. */
    readonly manifest?: ModelManifest;
  },
): Promise<string> {
  const id = randomUUID();
  const manifest: ModelManifest = { ...(options.manifest ?? tinyManifest), heads: options.heads ?? [] };
  await dataSource.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source, produced_by_run_id)
     VALUES ($1, $2, $3, $4, $5, 'test', $6)`,
    [
      id,
      projectId,
      options.name,
      await insertArtifact(dataSource, `model ${options.name}`),
      JSON.stringify(manifest),
      options.producedByRunId ?? null,
    ],
  );
  return id;
}

export async function insertWorker(
  dataSource: DataSource,
  options: { readonly seenSecondsAgo?: number } = {},
): Promise<string> {
  const id = randomUUID();
  await dataSource.query(
    `INSERT INTO workers (id, host, process_id, engine, last_seen_at)
     VALUES ($1, 'test-host', 1, $2, now() - make_interval(secs => $3))`,
    [
      id,
      JSON.stringify({ target: 'cpu', reason: 'always there', rejected: [], threads: 2, version: '1' }),
      options.seenSecondsAgo ?? 0,
    ],
  );
  return id;
}

export const ids = {
  baseModel: (uuid: string) => globalId('BaseModel', uuid),
  version: (uuid: string) => globalId('DatasetVersion', uuid),
  dataset: (uuid: string) => globalId('Dataset', uuid),
};
