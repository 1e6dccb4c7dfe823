import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { TrainingTools } from '../../../gpu-worker/training/training-tools.js';
import type { UseLiteConfig } from '../../../src/protocol/architectures/index.js';
import { rowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { LayerDescription, ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { hyperparameters } from '../../support/specs.js';

export const words = ['red', 'blue', 'cat', 'dog', 'runs', 'sleeps', 'the', 'a', 'here', 'now'];
const pieces = ['<unk>', ...words.map((word) => `▁${word}`), '▁', ...'abcdefghijklmnopqrstuvwxyz'];

const tinyConfig: UseLiteConfig = {
  architecture: 'use-lite',
  vocabularySize: pieces.length,
  embeddingSize: 8,
  hiddenSize: 16,
  intermediateSize: 32,
  attentionHeads: 2,
  layers: 2,
  layerNormEpsilon: 1e-6,
  maxPositions: 32,
  outputSize: 16,
};

const tokenizerJson = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: { type: 'NFKC' },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
  post_processor: null,
  decoder: null,
  model: { type: 'Unigram', unk_id: 0, vocab: pieces.map((piece, id) => [piece, id <= words.length ? -1 : -6]) },
};

/** Names and shapes as the published model has them, at the config's sizes. */
function describeLayers(config: UseLiteConfig): LayerDescription[] {
  const { vocabularySize: V, embeddingSize: E, hiddenSize: H, intermediateSize: F, outputSize: O } = config;
  const layer = (index: number, name: string, tensors: [string, number[]][]): LayerDescription => ({
    name,
    index,
    parameterCount: tensors.reduce((count, [, shape]) => count + elementCount(shape), 0),
    tensors: tensors.map(([tensor, shape]) => ({ name: `${name}.${tensor}`, shape, dtype: 'F32' })),
  });
  return [
    layer(0, 'embeddings', [
      ['weight', [V, E]],
      ['inverse_frequencies', [E / 2]],
    ]),
    ...Array.from({ length: config.layers }, (_, index) => {
      const S = index === 0 ? E : H;
      const residual: [string, number[]][] = [
        ['residual_projection.weight', [E, H]],
        ['residual_projection.bias', [H]],
      ];
      return layer(index + 1, `encoder.layers.${index}`, [
        ['attention_norm.weight', [S]],
        ['attention_norm.bias', [S]],
        ['attention.query_key_value.weight', [S, 3 * S]],
        ['attention.query_key_value.bias', [3 * S]],
        ['attention.output.weight', [S, H]],
        ['attention.output.bias', [H]],
        ...(index === 0 ? residual : []),
        ['feed_forward_norm.weight', [H]],
        ['feed_forward_norm.bias', [H]],
        ['feed_forward.input.weight', [H, F]],
        ['feed_forward.input.bias', [F]],
        ['feed_forward.output.weight', [F, H]],
        ['feed_forward.output.bias', [H]],
      ]);
    }),
    layer(config.layers + 1, 'pooler', [
      ['weight', [H, O]],
      ['bias', [O]],
    ]),
  ];
}

/** Seeded random weights in ±0.3, norms at 1, embeddings multiplied by `embeddingScale`. */
function tinyWeights(seed: number, embeddingScale: number, config: UseLiteConfig = tinyConfig): Map<string, Tensor> {
  const random = createRandom(seed);
  const tensors = describeLayers(config).flatMap((layer) => layer.tensors);
  return new Map(
    tensors.map(({ name, shape }) => {
      const data = Float32Array.from({ length: elementCount(shape) }, () => 0.6 * uniform(random) - 0.3);
      if (name.endsWith('norm.weight')) data.fill(1);
      const scale = name === 'embeddings.weight' ? embeddingScale : 1;
      return [name, { shape, data: data.map((value) => scale * value) }];
    }),
  );
}

/** Writes a base model with random weights; returns its digest. */
export async function writeTinyModel(store: ArtifactStore, seed = 1, embeddingScale = 1): Promise<string> {
  const weights = await store.write(writeSafetensors(tinyWeights(seed, embeddingScale)));
  const tokenizer = await store.write(Buffer.from(JSON.stringify(tokenizerJson)));
  const layers = describeLayers(tinyConfig);
  const manifest: ModelManifest = {
    formatVersion: 1,
    config: tinyConfig,
    parameterCount: layers.reduce((count, layer) => count + layer.parameterCount, 0),
    contextLength: tinyConfig.maxPositions,
    licence: 'Apache-2.0',
    weights,
    tokenizer: { digest: tokenizer.digest, kind: 'unigram', vocabularySize: pieces.length },
    layers,
    heads: [],
    maxLength: null,
    pooling: null,
    truncationSide: 'right',
    adapter: null,
    files: [],
  };
  return (await store.write(Buffer.from(JSON.stringify(manifest)))).digest;
}

export interface Row {
  readonly text: string | null;
  readonly split: string;
  readonly labels: Readonly<Record<string, string | null>>;
}

/** Sentences whose colour and animal are two labels; every seventh colour and every fifth animal is missing. */
export function sentences(count: number, { seed = 3, maxFiller = 17 } = {}): Row[] {
  const random = createRandom(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const [colour, animal] = [pick(['red', 'blue']), pick(['cat', 'dog'])];
    const filler = Array.from({ length: Math.floor(uniform(random) * (maxFiller + 1)) }, () =>
      pick(['the', 'a', 'here', 'now']),
    );
    return {
      text: [...filler, colour, animal, pick(['runs', 'sleeps'])].join(' '),
      split: index % 4 === 3 ? 'validation' : 'train',
      labels: {
        colour,
        animal,
        sparseColour: index % 7 === 0 ? null : colour,
        sparseAnimal: index % 5 === 0 ? null : animal,
      },
    };
  });
}

/** Writes a dataset version as ingestion does; returns its digest. */
export async function writeDataset(store: ArtifactStore, folder: string, rows: readonly Row[]): Promise<string> {
  const columns = Object.keys(rows[0]?.labels ?? {});
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const path = join(folder, `${crypto.randomUUID()}.parquet`);
  const definitions = columns.map((column) => `"${column.replaceAll('"', '""')}" VARCHAR`).join(', ');
  await connection.run(
    `CREATE TABLE rows ("${rowColumn}" BIGINT, "${splitColumn}" VARCHAR, text VARCHAR, ${definitions})`,
  );
  const appender = await connection.createAppender('rows');
  for (const [index, row] of rows.entries()) {
    appender.appendBigInt(BigInt(index));
    for (const value of [row.split, row.text, ...columns.map((column) => row.labels[column] ?? null)]) {
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(`COPY rows TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return (await store.adopt(path)).digest;
}

/** Two epochs at a rate at which the tiny models learn. */
export const defaults: Hyperparameters = {
  ...hyperparameters,
  learningRate: 0.01,
  epochs: 2,
  maxLength: 24,
  seed: 7,
  checkpointEverySteps: 5,
};

/** An artifact store in a fresh folder, and an engine. */
export async function openWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-recipes-'));
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const engine = await createEngine({ target: 'cpu', threads: 2 });
  let now = 0;
  const tools: TrainingTools = { engine, store, clock: () => (now += 10), availableBytes: () => 8e9 };
  return {
    folder,
    store,
    tools,
    async [Symbol.asyncDispose]() {
      await engine.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a dataset version with columns of any of DuckDB's types, such as VARCHAR[] or DOUBLE; returns its digest. */
export async function writeTable(
  store: ArtifactStore,
  folder: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly ({ readonly split: string } & Readonly<Record<string, unknown>>)[],
): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const [json, path] = [join(folder, `${crypto.randomUUID()}.jsonl`), join(folder, `${crypto.randomUUID()}.parquet`)];
  const lines = rows.map(({ split, ...values }, row) =>
    JSON.stringify({ [rowColumn]: row, [splitColumn]: split, ...values }),
  );
  await writeFile(json, lines.join('\n'));
  const types = { [rowColumn]: 'BIGINT', [splitColumn]: 'VARCHAR', ...columns };
  const described = Object.entries(types).map(([name, type]) => `'${name}': '${type}'`);
  await connection.run(
    `COPY (SELECT * FROM read_json('${json}', format='newline_delimited', columns={${described.join(', ')}}))
     TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return (await store.adopt(path)).digest;
}
