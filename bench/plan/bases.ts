import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeModel } from '../../gpu-worker/hugging-face/fresh/make-model.js';
import { glossLmTokens, storeGlossLm } from '../../src/models/bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../src/models/bundled/use-lite.js';
import type { ConfigurationSource } from '../../src/protocol/model-source.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { withSpecialTokens } from '../../src/tokenizer/index.js';
import { importFolder } from '../heads/import-folder.js';

const baseNames = ['use-lite', 'gloss-lm', 'bert', 'small-bert', 'llama', 'gpt2', 'given'] as const;
export type BaseName = (typeof baseNames)[number];

const sizes = {
  keyValueHeads: 4,
  contextLength: 512,
  tiesEmbeddings: true,
  rotaryBase: 10_000,
  slidingWindow: null,
  normEpsilon: 1e-5,
};

/** Models with random weights, which take as long as trained ones. */
const fresh = {
  bert: {
    architecture: 'bert',
    sizes: { ...sizes, layers: 6, hiddenSize: 384, attentionHeads: 12, intermediateSize: 1536, dropout: 0.1 },
  },
  'small-bert': {
    architecture: 'bert',
    sizes: { ...sizes, layers: 3, hiddenSize: 192, attentionHeads: 6, intermediateSize: 768, dropout: 0.1 },
  },
  llama: {
    architecture: 'llama',
    sizes: { ...sizes, layers: 6, hiddenSize: 320, attentionHeads: 8, intermediateSize: 864, dropout: 0 },
  },
  gpt2: {
    architecture: 'gpt2',
    sizes: { ...sizes, layers: 4, hiddenSize: 256, attentionHeads: 8, intermediateSize: 1024, dropout: 0.1 },
  },
} as const satisfies Partial<Record<BaseName, Pick<ConfigurationSource, 'architecture' | 'sizes'>>>;

/** @returns the digest of the model's manifest */
export async function openBase(
  name: BaseName,
  store: ArtifactStore,
  folder: string,
  given: string | undefined,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  switch (name) {
    case 'use-lite':
      return written(store, await storeUseLite(await convertUseLite(findUseLitePackage()), store));
    case 'gloss-lm': {
      const { tokenizer, vocabularySize } = await convertUseLite(findUseLitePackage());
      const file = await store.write(Buffer.from(JSON.stringify(withSpecialTokens(tokenizer, glossLmTokens))));
      return written(store, await storeGlossLm(store, { digest: file.digest, kind: 'unigram', vocabularySize }));
    }
    case 'given':
      if (given === undefined) throw new RangeError('ATTUNE_BENCH_MODEL names no model.');
      return importFolder(store, given, folder);
    default:
      return makeFresh(fresh[name], store, folder);
  }
}

async function written(store: ArtifactStore, manifest: object): Promise<string> {
  return (await store.write(Buffer.from(JSON.stringify(manifest)))).digest;
}

async function makeFresh(
  of: Pick<ConfigurationSource, 'architecture' | 'sizes'>,
  store: ArtifactStore,
  folder: string,
): Promise<string> {
  const path = join(folder, 'tokenizer');
  mkdirSync(path, { recursive: true });
  const { tokenizer } = await convertUseLite(findUseLitePackage());
  const tokens = [...glossLmTokens, { id: 3, content: '<mask>' }];
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(withSpecialTokens(tokenizer, tokens)));
  const source: ConfigurationSource = {
    kind: 'configuration',
    ...of,
    vocabularySize: null,
    tokenizer: { kind: 'folder', path },
    tokens: { begin: '<s>', end: '</s>', pad: null },
    deviation: 0.02,
    seed: 1,
  };
  const { digest } = await makeModel(
    { licence: 'Apache-2.0', source },
    {
      store,
      hub: { endpoint: 'http://127.0.0.1', token: null },
      importFolders: null,
      downloadFolder: folder,
      memoryBytes: Number.POSITIVE_INFINITY,
      freeDiskBytes: async () => Number.POSITIVE_INFINITY,
      requireRoom: () => undefined,
      onProgress: () => undefined,
      discard: async () => undefined,
    },
  );
  return digest;
}
