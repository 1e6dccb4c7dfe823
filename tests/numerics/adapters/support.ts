import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { classes, task, tinyConfig, tinySpecs, tinyWeights } from '../architectures/tiny-encoder.js';
import { type Family, familyReference } from '../reference/hugging-face/reference.js';

/** A folder that is gone at the end of the scope, and an artifact store in it. */
export async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-adapters-'));
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  return {
    folder,
    store,
    memoryBytes: 1e9,
    discard: async (digests: readonly string[]) => {
      for (const digest of digests) await store.remove(digest);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface BaseOptions {
  readonly pooler?: boolean;
  readonly heads?: boolean;
  /** As the model came with. */
  readonly configJson?: object;
}

/** A reference model as an imported one: its weights and its manifest in the store. */
export async function writeBase(
  store: ArtifactStore,
  family: Family,
  { pooler = true, heads = true, configJson }: BaseOptions = {},
): Promise<ModelManifest> {
  const config = tinyConfig(family);
  const weights = tinyWeights(family);
  const specs = tinySpecs(family, pooler ? 'firstToken' : 'mean').filter(
    ({ name }) => heads || !name.startsWith('heads.'),
  );
  const tensors = new Map(
    specs.map(({ name, shape }): [string, Tensor] => [name, { shape, data: weights.get(name)! }]),
  );
  const tokenizer = await store.write(Buffer.from('{}'));
  const files =
    configJson === undefined
      ? []
      : [{ name: 'config.json', ...(await store.write(Buffer.from(JSON.stringify(configJson)))) }];
  return {
    formatVersion: 1,
    config,
    parameterCount: specs.reduce((count, { shape }) => count + elementCount(shape), 0),
    contextLength: 64,
    licence: 'Apache-2.0',
    weights: await store.write(writeSafetensors(tensors)),
    tokenizer: { digest: tokenizer.digest, kind: 'wordpiece', vocabularySize: config.vocabularySize },
    layers: layersOf(config, { pooler }),
    heads: heads ? [{ kind: 'classification', task, labels: familyReference(family).labels.slice(0, classes) }] : [],
    maxLength: null,
    pooling: heads ? 'firstToken' : null,
    truncationSide: 'right',
    adapter: null,
    files,
  };
}
