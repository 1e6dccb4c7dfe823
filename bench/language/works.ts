import type { FreshSizes } from '../../src/protocol/architectures/fresh.js';
import type { Architecture } from '../../src/protocol/architectures/index.js';

/** What both sides train: a model with random weights, and texts of given lengths. */
export interface Work {
  readonly name: string;
  readonly title: string;
  /** The ratio of speeds that it should have. */
  readonly goal: number;
  readonly architecture: Architecture;
  readonly sizes: FreshSizes;
  readonly vocabularySize: number;
  /** What is learned: the next token of a text, or its class, of two, by its first token. */
  readonly task: 'nextToken' | 'classes';
  /** Modules that a low-rank adapter of rank 16 is trained on; null: all weights are trained. */
  readonly adapter: readonly string[] | null;
  /** Tokens of a text: all alike, or spread as instructions are (log-normal, with this median). */
  readonly lengths: { readonly each: number } | { readonly median: number; readonly most: number };
  /** Texts of an update; where lengths are spread, as many tokens as these have on average. */
  readonly batchSize: number;
}

const rotary = { rotaryBase: 10_000, slidingWindow: null, dropout: 0, tiesEmbeddings: true };

const smolLm: Pick<Work, 'architecture' | 'sizes' | 'vocabularySize' | 'task' | 'adapter'> = {
  task: 'nextToken',
  architecture: 'llama',
  sizes: {
    ...rotary,
    hiddenSize: 576,
    layers: 30,
    attentionHeads: 9,
    keyValueHeads: 3,
    intermediateSize: 1536,
    contextLength: 1024,
    normEpsilon: 1e-5,
  },
  vocabularySize: 49_152,
  adapter: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
};

export const works: readonly Work[] = [
  {
    name: 'llama-lora',
    title: 'Llama of 135 M, LoRA on all projections, 4 × 256',
    goal: 1.2,
    ...smolLm,
    lengths: { each: 256 },
    batchSize: 4,
  },
  {
    name: 'gpt2-full',
    title: 'GPT-2 of 124 M, all weights, 4 × 256',
    goal: 1.1,
    task: 'nextToken',
    architecture: 'gpt2',
    sizes: {
      ...rotary,
      hiddenSize: 768,
      layers: 12,
      attentionHeads: 12,
      keyValueHeads: 12,
      intermediateSize: 3072,
      contextLength: 1024,
      normEpsilon: 1e-5,
    },
    vocabularySize: 50_257,
    adapter: null,
    lengths: { each: 256 },
    batchSize: 4,
  },
  {
    name: 'mixed-lengths',
    title: 'Llama of 135 M, LoRA on all projections, texts of 16 to 512 tokens, each as its trainer batches',
    goal: 1.8,
    ...smolLm,
    lengths: { median: 80, most: 512 },
    batchSize: 8,
  },
  {
    name: 'deberta-full',
    title: 'DeBERTa-v3-small of 141 M, a classifier, all weights, 16 × 128',
    goal: 1.2,
    task: 'classes',
    architecture: 'deberta-v2',
    sizes: {
      ...rotary,
      hiddenSize: 768,
      layers: 6,
      attentionHeads: 12,
      keyValueHeads: 12,
      intermediateSize: 3072,
      contextLength: 512,
      normEpsilon: 1e-7,
    },
    vocabularySize: 128_100,
    adapter: null,
    lengths: { each: 128 },
    batchSize: 16,
  },
];

/** The same at sizes that take a second. */
export const toyWorks: readonly Work[] = works.map((work) => ({
  ...work,
  sizes: { ...work.sizes, hiddenSize: 24, layers: 2, attentionHeads: 3, keyValueHeads: 3, intermediateSize: 48 },
  vocabularySize: 200,
  lengths: 'each' in work.lengths ? { each: 16 } : { median: 12, most: 48 },
}));
