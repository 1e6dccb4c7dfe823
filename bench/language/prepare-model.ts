import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeModel } from '../../gpu-worker/hugging-face/fresh/make-model.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import type { Work } from './works.js';

/** Special tokens at the end of the vocabulary: unknown, and those that texts begin and end with. */
export const special = ['<unk>', '<s>', '</s>'];

/** A model in a folder of its own, for both sides of a bench. */
export interface PreparedModel {
  readonly digest: string;
  readonly artifacts: ArtifactStore;
  /** The root of the artifact store. */
  readonly store: string;
  /** A folder with the model's `config.json`. */
  readonly config: string;
  /** A safetensors file. */
  readonly weights: string;
}

/** Makes a model with random weights by Attune's own configurations, whose tokenizer has a token for each word. */
export async function prepareModel(
  work: Pick<Work, 'architecture' | 'sizes' | 'vocabularySize'>,
  folder: string,
): Promise<PreparedModel> {
  mkdirSync(folder, { recursive: true });
  const artifacts = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const { digest, manifest } = await makeModel(
    {
      licence: 'Apache-2.0',
      source: {
        kind: 'configuration',
        architecture: work.architecture,
        sizes: work.sizes,
        vocabularySize: null,
        tokenizer: { kind: 'folder', path: writeTokenizer(folder, work.vocabularySize) },
        tokens: { begin: '<s>', end: '</s>', pad: null },
        deviation: 0.02,
        seed: 1,
      },
    },
    {
      store: artifacts,
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
  const config = manifest.files.find(({ name }) => name === 'config.json')!;
  return {
    digest,
    artifacts,
    store: join(folder, 'artifacts'),
    config: writeConfig(folder, await artifacts.read(config.digest)),
    weights: await artifacts.localPath(manifest.weights.digest),
  };
}

function writeTokenizer(folder: string, vocabularySize: number): string {
  const words = Array.from({ length: vocabularySize - special.length }, (_, id) => `w${id}`);
  const vocab = Object.fromEntries([...words, ...special].map((token, id) => [token, id]));
  const path = join(folder, 'tokenizer');
  mkdirSync(path, { recursive: true });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '<unk>' },
  };
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(tokenizer));
  return path;
}

/** A folder with the model's `config.json`, with every dropout at 0 as in Attune's training. */
function writeConfig(folder: string, config: Buffer): string {
  const path = join(folder, 'config');
  mkdirSync(path, { recursive: true });
  const ofDecoders = { attn_pdrop: 0, embd_pdrop: 0, resid_pdrop: 0, attention_dropout: 0 };
  const ofEncoders = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, cls_dropout: 0 };
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({ ...JSON.parse(config.toString('utf8')), ...ofDecoders, ...ofEncoders }),
  );
  return path;
}
