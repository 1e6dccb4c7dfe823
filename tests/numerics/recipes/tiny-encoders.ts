import { layersOf } from '../../../gpu-worker/architectures/transformer.js';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { type TransformerConfig, traitsOf } from '../../../src/protocol/architectures/index.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { words } from './support.js';

type Family = TransformerConfig['architecture'];

const maskToken = '[MASK]';

/** Families with RoBERTa's special tokens. */
const likeRoberta: ReadonlySet<Family> = new Set(['roberta', 'xlm-roberta', 'mpnet']);

/** Special tokens and their ids come first: [PAD] 0 or, as RoBERTa has it, 1. */
function vocabulary(family: Family, mask = false): string[] {
  const special = likeRoberta.has(family) ? ['<s>', '<pad>', '</s>', '<unk>'] : ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
  return [...special, ...words, ...(mask ? [maskToken] : [])];
}

function configOf(family: Family, mask: boolean): TransformerConfig {
  const common = {
    vocabularySize: vocabulary(family, mask).length,
    hiddenSize: 16,
    intermediateSize: 32,
    attentionHeads: 2,
    layers: 2,
    maxPositions: 40,
    layerNormEpsilon: 1e-6,
    activation: 'gelu' as const,
    hiddenDropout: 0.1,
    attentionDropout: 0.1,
    classifierDropout: 0.1,
  };
  const rotary = {
    vocabularySize: common.vocabularySize,
    hiddenSize: 16,
    intermediateSize: 24,
    attentionHeads: 4,
    keyValueHeads: 2,
    headSize: 4,
    layers: 2,
    maxPositions: 40,
    normEpsilon: 1e-6,
    rotaryBase: 10_000,
    rotaryScaling: { kind: 'none' as const },
    slidingWindow: null,
    attentionBias: false,
    feedForwardBias: false as const,
    attentionDropout: 0.1,
    classifierDropout: 0.1,
    padTokenId: 0,
    tiesEmbeddings: false,
  };
  const sliding = { slidingWindow: 6, slidingLayers: [true, false] };
  switch (family) {
    case 'bert':
      return { architecture: family, ...common, padTokenId: 0, tokenTypes: 2 };
    case 'distilbert':
      return { architecture: family, ...common, padTokenId: 0 };
    case 'roberta':
      return { architecture: family, ...common, padTokenId: 1, tokenTypes: 1 };
    case 'xlm-roberta':
      return { architecture: family, ...common, padTokenId: 1, tokenTypes: 1 };
    case 'electra':
      return { architecture: family, ...common, padTokenId: 0, tokenTypes: 2, embeddingSize: 8 };
    case 'mpnet':
      return { architecture: family, ...common, padTokenId: 1 };
    case 'deberta-v2':
      return {
        architecture: family,
        ...common,
        padTokenId: 0,
        tokenTypes: 2,
        embeddingSize: 8,
        hasPositionTable: true,
        distances: {
          span: 6,
          farthest: 30,
          ofKeys: true,
          ofQueries: true,
          sharesProjections: false,
          isNormalized: true,
        },
        poolerDropout: 0.1,
      };
    case 'modernbert': {
      const { hiddenDropout, ...shared } = common;
      return {
        architecture: family,
        ...shared,
        intermediateSize: 24,
        attentionBias: false,
        feedForwardBias: false,
        normBias: false,
        poolerBias: false,
        slidingLayers: [false, true],
        windowEachSide: 3,
        rotaryBase: 1000,
        slidingRotaryBase: 100,
        embeddingDropout: hiddenDropout,
        feedForwardDropout: hiddenDropout,
        padTokenId: 0,
      };
    }
    case 'gpt2': {
      return { architecture: family, ...common, padTokenId: null, embeddingDropout: 0.1, tiesEmbeddings: true };
    }
    case 'llama':
      return { architecture: family, ...rotary };
    case 'mistral':
      return { architecture: family, ...rotary, slidingWindow: 6 };
    case 'qwen2':
      return { architecture: family, ...rotary, ...sliding, attentionBias: true };
    case 'qwen3':
      return { architecture: family, ...rotary, ...sliding };
    case 'gemma3_text':
      return { architecture: family, ...rotary, ...sliding, slidingRotaryBase: 100, queryScalar: 5 };
    default:
      return family satisfies never;
  }
}

/**
 * Words split at spaces, between the family's special tokens, or behind one where a token reads those before it alone;
 * the second text of a pair has type 1 where the family has
 * types.
 */
function tokenizerOf(family: Family, mask: boolean) {
  const vocab = Object.fromEntries(vocabulary(family, mask).map((token, id) => [token, id]));
  const [first, last] = likeRoberta.has(family) ? ['<s>', '</s>'] : ['[CLS]', '[SEP]'];
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
  const second = traitsOf({ architecture: family }).givesTokenTypes ? 1 : 0;
  const { isCausal } = traitsOf({ architecture: family });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: mask
      ? [first!, last!, maskToken].map((content) => ({ id: vocab[content], content, special: true, ...asTyped }))
      : [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'TemplateProcessing',
      single: isCausal
        ? [special(first!, 0), sequence('A', 0)]
        : [special(first!, 0), sequence('A', 0), special(last!, 0)],
      pair: [special(first!, 0), sequence('A', 0), special(last!, 0), sequence('B', second), special(last!, second)],
      special_tokens: Object.fromEntries([first!, last!].map((id) => [id, { id, ids: [vocab[id]], tokens: [id] }])),
    },
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: likeRoberta.has(family) ? '<unk>' : '[UNK]' },
  };
}

const wideSizes = { hiddenSize: 32, intermediateSize: 64 };

const asTyped = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** Writes an encoder with seeded random weights (deviation about 0.2, norms at 1); returns its digest. */
export async function writeTinyEncoder(
  store: ArtifactStore,
  family: Family,
  {
    pooler = true,
    languageModel = false,
    mask = false,
    seed = 1,
    wide = false,
  }: {
    readonly pooler?: boolean;
    readonly languageModel?: boolean;
    readonly mask?: boolean;
    readonly seed?: number;
    /** Rows of 32 and 64 weights, which are whole blocks of a quantization. */
    readonly wide?: boolean;
  } = {},
): Promise<string> {
  const usual = configOf(family, mask);
  const sizes = 'headSize' in usual ? { ...wideSizes, headSize: 8 } : wideSizes;
  const config = wide ? ({ ...usual, ...sizes } as TransformerConfig) : usual;
  const layers = layersOf(config, { pooler, languageModel });
  const random = createRandom(seed);
  const tensors = layers
    .flatMap((layer) => layer.tensors)
    .map(({ name, shape }): [string, Tensor] => {
      const data = Float32Array.from({ length: elementCount(shape) }, () => 0.7 * (uniform(random) - 0.5));
      return [name, { shape, data: /(norm|ln_\w)\.weight$/i.test(name) ? data.fill(1) : data }];
    });
  const weights = await store.write(writeSafetensors(new Map(tensors)));
  const tokenizer = await store.write(Buffer.from(JSON.stringify(tokenizerOf(family, mask))));
  const ends = traitsOf(config).isCausal ? { bos_token_id: 2, eos_token_id: 3 } : {};
  const file = await store.write(Buffer.from(JSON.stringify({ model_type: family, ...ends })));
  const manifest: ModelManifest = {
    formatVersion: 1,
    config,
    parameterCount: layers.reduce((count, layer) => count + layer.parameterCount, 0),
    contextLength: 36,
    licence: 'Apache-2.0',
    weights,
    tokenizer: { digest: tokenizer.digest, kind: 'WordLevel', vocabularySize: config.vocabularySize },
    layers,
    heads: [],
    maxLength: null,
    pooling: null,
    truncationSide: 'right',
    adapter: null,
    files: [{ name: 'config.json', ...file }],
  };
  return (await store.write(Buffer.from(JSON.stringify(manifest)))).digest;
}

export const lora: LoraConfig = {
  rank: 4,
  alpha: 8,
  rankStabilized: false,
  dropout: 0.1,
  targetModules: ['all-linear'],
};
