import { type Work as Decoder, works as decoders } from '../language/works.js';

export type WorkName = 'reward' | 'dpo' | 'grpo';

/** What both sides train. */
interface Work {
  readonly name: WorkName;
  readonly title: string;
  /** The ratio of speeds that it should have. */
  readonly goal: number;
  /** Updates of a turn. */
  readonly stepsOfTurn: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** Reads the dialogues of a file of pairs, and tells the better one. */
export interface RewardWork extends Work {
  readonly name: 'reward';
  readonly pairs: { readonly train: number; readonly heldOut: number };
  readonly epochs: number;
  /** Tokens of a dialogue at most: its end is read. */
  readonly maxLength: number;
}

/** Pairs of random words: a prompt and two answers, all of one length. */
export interface DpoWork extends Work {
  readonly name: 'dpo';
  readonly model: Pick<Decoder, 'architecture' | 'sizes' | 'vocabularySize'>;
  readonly adapter: readonly string[];
  readonly tokens: { readonly prompt: number; readonly answer: number };
}

/** `gloss-lm` answers prompts, a number of times each, and learns from what it gets for that. */
export interface GrpoWork extends Work {
  readonly name: 'grpo';
  readonly prompts: number;
  readonly samples: number;
  readonly newTokens: number;
}

export type AnyWork = RewardWork | DpoWork | GrpoWork;

const smolLm = decoders.find(({ name }) => name === 'llama-lora')!;

export const works: readonly AnyWork[] = [
  {
    name: 'reward',
    title: 'Reward model, all-MiniLM-L6-v2, 1 epoch of 2,000 pairs of dialogues, 8 pairs × 256',
    goal: 1.5,
    stepsOfTurn: 10,
    batchSize: 8,
    learningRate: 5e-5,
    pairs: { train: 2_000, heldOut: 350 },
    epochs: 1,
    maxLength: 256,
  },
  {
    name: 'dpo',
    title: 'DPO, Llama of 135 M, LoRA on all projections, 4 pairs × 256',
    goal: 1.3,
    stepsOfTurn: 3,
    batchSize: 4,
    learningRate: 1e-5,
    model: smolLm,
    adapter: smolLm.adapter!,
    tokens: { prompt: 64, answer: 192 },
  },
  {
    name: 'grpo',
    title: 'GRPO, a whole step on gloss-lm, 8 prompts × 8 samples × 48',
    goal: 2,
    stepsOfTurn: 3,
    batchSize: 64,
    learningRate: 1e-5,
    prompts: 8,
    samples: 8,
    newTokens: 48,
  },
];

/** The same at sizes that take a second. */
export const toyWorks: readonly AnyWork[] = works.map((work): AnyWork => {
  switch (work.name) {
    case 'reward':
      return {
        ...work,
        stepsOfTurn: 14,
        batchSize: 4,
        pairs: { train: 120, heldOut: 20 },
        learningRate: 0.01,
        maxLength: 16,
      };
    case 'dpo':
      return {
        ...work,
        stepsOfTurn: 1,
        batchSize: 2,
        model: {
          ...work.model,
          sizes: {
            ...work.model.sizes,
            hiddenSize: 24,
            layers: 2,
            attentionHeads: 3,
            keyValueHeads: 3,
            intermediateSize: 48,
          },
          vocabularySize: 200,
        },
        tokens: { prompt: 4, answer: 8 },
      };
    case 'grpo':
      return { ...work, stepsOfTurn: 1, batchSize: 4, prompts: 2, samples: 2, newTokens: 4 };
    default:
      return work satisfies never;
  }
});
