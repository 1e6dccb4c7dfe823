import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { makeModel } from '../../gpu-worker/hugging-face/fresh/make-model.js';
import { availableMemory } from '../../gpu-worker/training/available-memory.js';
import { glossLmTokens, storeGlossLm } from '../../src/models/bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../src/models/bundled/use-lite.js';
import { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { type Tensor, writeSafetensors } from '../../src/storage/safetensors.js';
import { withSpecialTokens } from '../../src/tokenizer/index.js';
import { importFolder } from '../heads/import-folder.js';

/** A base model in the store. */
export interface BenchModel {
  readonly name: string;
  readonly digest: string;
  readonly manifest: ModelManifest;
}

/**
 * The models that are compared: a sentence encoder from a folder, its lower half, the two models that come with the
 * product, and a small BERT with random weights.
 *
 * @param encoderFolder of a BERT in Hugging Face's layout
 * @param isToy whether those that take their time are left out
 */
export async function openModels(
  store: ArtifactStore,
  encoderFolder: string,
  folder: string,
  isToy: boolean,
): Promise<BenchModel[]> {
  const encoder = await imported(store, 'the encoder', encoderFolder, folder);
  const half = await imported(store, 'its lower half', lowerHalf(encoderFolder, join(folder, 'lower-half')), folder);
  const fresh = await freshBert(store, encoderFolder, folder);
  if (isToy) return [encoder, half, fresh];
  const converted = await convertUseLite(findUseLitePackage());
  const useLite = await storeUseLite(converted, store);
  await store.write(Buffer.from(JSON.stringify(converted.tokenizer)));
  const glossLm = await storedGlossLm(store, converted);
  return [encoder, half, await stored(store, 'use-lite', useLite), await stored(store, 'gloss-lm', glossLm), fresh];
}

async function imported(store: ArtifactStore, name: string, path: string, folder: string): Promise<BenchModel> {
  const digest = await importFolder(store, path, join(folder, 'downloads'));
  return { name, digest, manifest: ModelManifest.parse(JSON.parse((await store.read(digest)).toString())) };
}

async function stored(store: ArtifactStore, name: string, manifest: ModelManifest): Promise<BenchModel> {
  return { name, digest: (await store.write(Buffer.from(JSON.stringify(manifest)))).digest, manifest };
}

/** The same files with half as many layers, and without the tensors of the others. */
function lowerHalf(encoderFolder: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(encoderFolder, folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const layers = Math.ceil(config.num_hidden_layers / 2);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: layers }));
  const file = readFileSync(join(folder, 'model.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE());
  const header: Record<string, StoredTensor> = JSON.parse(file.toString('utf8', 8, start));
  const kept = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets: at }] of Object.entries(header)) {
    const layer = Number(/encoder\.layer\.(\d+)\./.exec(name)?.[1] ?? 0);
    // What is not of float32 is no weight.
    if (name === '__metadata__' || dtype !== 'F32' || layer >= layers) continue;
    const bytes = new Uint8Array(file.subarray(start + at[0], start + at[1]));
    kept.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat(writeSafetensors(kept)));
  return folder;
}

interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

async function storedGlossLm(
  store: ArtifactStore,
  { tokenizer: json, vocabularySize }: Awaited<ReturnType<typeof convertUseLite>>,
): Promise<ModelManifest> {
  const bytes = Buffer.from(JSON.stringify(withSpecialTokens(json, glossLmTokens)));
  const { digest } = await store.write(bytes);
  return storeGlossLm(store, { digest, kind: 'unigram', vocabularySize });
}

async function freshBert(store: ArtifactStore, tokenizerFolder: string, folder: string): Promise<BenchModel> {
  const source = {
    kind: 'configuration' as const,
    architecture: 'bert' as const,
    sizes: {
      hiddenSize: 128,
      layers: 2,
      attentionHeads: 2,
      keyValueHeads: 2,
      intermediateSize: 512,
      contextLength: 128,
      tiesEmbeddings: true,
      rotaryBase: 10_000,
      slidingWindow: null,
      normEpsilon: 1e-12,
      dropout: 0.1,
    },
    vocabularySize: null,
    tokenizer: { kind: 'folder' as const, path: tokenizerFolder },
    tokens: { begin: null, end: null, pad: null },
    deviation: 0.02,
    seed: 1,
  };
  const made = await makeModel(
    { source, licence: null },
    {
      store,
      hub: { endpoint: '', token: null },
      importFolders: null,
      downloadFolder: join(folder, 'downloads'),
      memoryBytes: availableMemory(freemem()),
      freeDiskBytes: async () => Number.POSITIVE_INFINITY,
      requireRoom: () => undefined,
      onProgress: () => undefined,
      discard: async () => undefined,
    },
  );
  return { name: 'a new BERT', digest: made.digest, manifest: made.manifest };
}
