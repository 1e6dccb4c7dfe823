import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { makeModel } from '../../gpu-worker/hugging-face/fresh/make-model.js';
import { ln } from '../../gpu-worker/portable-math.js';
import type { Architecture } from '../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LanguageModellingSpec, SupervisedSpec } from '../../src/protocol/methods/index.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { hyperparameters, supervisedSpec } from '../../tests/support/specs.js';
import { writeRows } from '../heads/write-rows.js';
import type { SideSettings } from './settings.js';
import type { Work } from './works.js';

/** What a work is prepared with. */
export interface Scale {
  readonly threads: number;
  /** Updates that each side may be asked for. */
  readonly steps: number;
}

/** Special tokens at the end of the vocabulary: unknown, and those that texts begin and end with. */
const special = ['<unk>', '<s>', '</s>'];

const labels = ['even', 'odd'];

/** What transformers puts before the names of the bare model, where that is not `model.`. */
const prefixes: ReadonlyMap<Architecture, string> = new Map<Architecture, string>([
  ['gpt2', 'transformer.'],
  ['deberta-v2', 'deberta.'],
]);

/**
 * Makes the model and the texts in a folder, equal for both sides: random weights by Attune's own configurations, and
 * words that are a token each.
 */
export async function prepare(work: Work, folder: string, { threads, steps }: Scale): Promise<SideSettings> {
  mkdirSync(folder, { recursive: true });
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
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
  const texts = drawTexts(work, steps);
  const classes = texts.map((_, index) => index % labels.length);
  const words = (ids: readonly number[], index: number) => ({
    text: ids.map((id) => `w${id}`).join(' '),
    label: labels[classes[index]!],
  });
  const [begin, end] = [work.vocabularySize - 2, work.vocabularySize - 1];
  const datasetDigest = await writeRows(store, join(folder, 'texts.jsonl'), { text: 'VARCHAR', label: 'VARCHAR' }, {
    train: texts.map(words),
    validation: texts.slice(0, 2).map(words),
  } as never);
  const config = manifest.files.find(({ name }) => name === 'config.json')!;
  return {
    threads,
    store: join(folder, 'artifacts'),
    spec: specOf(work, digest, datasetDigest),
    config: writeConfig(folder, await store.read(config.digest)),
    weights: await store.localPath(manifest.weights.digest),
    prefix: prefixes.get(work.architecture) ?? 'model.',
    rows: texts.map((ids) => [begin, ...ids, end]),
    classes: work.task === 'classes' ? classes : null,
    batchSize: work.batchSize,
    adapter: work.adapter,
    output: join(folder, 'trainer'),
  };
}

/** Attune's training: texts of one length a row each, texts of mixed lengths packed into rows with as many tokens. */
function specOf(work: Work, baseModelDigest: string, datasetDigest: string): LanguageModellingSpec | SupervisedSpec {
  const isMixed = 'median' in work.lengths;
  const maxLength = 'median' in work.lengths ? work.lengths.most : work.lengths.each;
  const rows =
    'median' in work.lengths
      ? Math.max(1, Math.round((1.4 * work.batchSize * work.lengths.median) / maxLength))
      : work.batchSize;
  const training: Hyperparameters = {
    ...hyperparameters,
    dropout: 0,
    maxLength,
    batchSize: rows,
    warmupRatio: 0,
    schedule: 'constant',
    checkpointEverySteps: 1e6,
    adapter:
      work.adapter === null
        ? null
        : { rank: 16, alpha: 32, rankStabilized: false, dropout: 0, targetModules: [...work.adapter] },
  };
  if (work.task === 'classes') {
    return supervisedSpec({ baseModelDigest, datasetDigest, labels, hyperparameters: training });
  }
  return {
    method: 'languageModelling',
    baseModelDigest,
    datasetDigest,
    trainSplit: 'train',
    validationSplit: 'validation',
    textColumn: 'text',
    pairColumn: null,
    objective: 'causal',
    masking: null,
    packing: isMixed ? 'packed' : 'separate',
    control: null,
    hyperparameters: training,
  };
}

/** Ids of the words of each text; with the two tokens around them a text has the wanted length. */
function drawTexts({ lengths, batchSize, vocabularySize }: Work, steps: number): number[][] {
  const random = createRandom(7);
  const words = vocabularySize - special.length;
  const lengthOf = () => {
    if ('each' in lengths) return lengths.each;
    const normal = Math.sqrt(-2 * ln(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
    return Math.round(Math.min(lengths.most, Math.max(16, lengths.median * Math.exp(0.7 * normal))));
  };
  return Array.from({ length: batchSize * steps }, () =>
    Array.from({ length: Math.max(2, lengthOf() - 2) }, () => Math.floor(uniform(random) * words)),
  );
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
