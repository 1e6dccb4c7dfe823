import { z } from 'zod';
import { PreferenceForm } from '../preference-form.js';
import { Reward, Rewards } from '../rewards/reward-spec.js';
import { Sha256 } from '../sha256.js';
import { base, type TaskHead } from './common.js';

/** By what part a ratio of probabilities may leave 1 before it counts no further. */
const Clip = z.object({ low: z.number().gt(0).max(1), high: z.number().gt(0).max(10) });

/** What is taken off the reward of a completion that the limit cut off; null: nothing. */
const MissingEndPenalty = z.number().gt(0).max(1e6).nullable();

/** How advantages are made of rewards, and the loss of them. */
export const PolicyAlgorithm = z.discriminatedUnion('kind', [
  /** REINFORCE with the mean of a prompt's other completions as baseline (Ahmadian et al. 2024, arXiv:2402.14740). */
  z.object({
    kind: z.literal('rloo'),
    clip: Clip,
    /** Weight of the divergence from the reference, which is taken off the rewards. */
    klWeight: z.number().min(0).max(100),
    /** Whether the advantages of an update get mean 0 and deviation 1. */
    normalizesAdvantages: z.boolean(),
  }),
  /** Group relative policy optimization (Shao et al. 2024, arXiv:2402.03300), and its changes. */
  z.object({
    kind: z.literal('grpo'),
    clip: Clip,
    /** The most that a ratio counts in either direction; null: no such limit. */
    mostRatio: z.number().gt(1).max(100).nullable(),
    /** Whose probability is compared: that of a token, or of a completion, as a geometric mean over its tokens. */
    ratioOf: z.enum(['token', 'completion']),
    scaling: z.enum(['group', 'batch', 'none']),
    /** Whether rewards are standardized one by one, before they are added up. */
    separatesRewards: z.boolean(),
    aggregation: z.enum(['sequence', 'token', 'batch', 'constant']),
    /** Weight of the divergence from the reference in the loss. */
    klWeight: z.number().min(0).max(100),
    /** How often other prompts replace those whose completions are all rewarded alike; null: such prompts stay. */
    replacementRounds: z.number().int().min(1).max(10).nullable(),
  }),
  /** DPO on pairs that the policy writes and the rewards judge (Guo et al. 2024, arXiv:2402.04792). */
  z.object({
    kind: z.literal('onlineDpo'),
    loss: z.enum(['sigmoid', 'ipo']),
    /** β: one number for all epochs, or one for each. */
    betas: z.array(z.number().gt(0).max(100)).min(1).max(1000),
    missingEndPenalty: MissingEndPenalty,
  }),
  /** Proximal policy optimization with a model of values (Schulman et al. 2017, arXiv:1707.06347). */
  z.object({
    kind: z.literal('ppo'),
    clip: Clip,
    /** The most that a ratio counts where the advantage is negative, above 1 + clip.high; null: no such limit. */
    mostRatio: z.number().gt(1).max(100).nullable(),
    /** How far values may leave what they were before the step, in the loss; null: as far as they like. */
    valueClip: z.number().gt(0).max(1e6).nullable(),
    /** γ. */
    discount: z.number().min(0).max(1),
    /** λ of generalized advantage estimation. */
    lambda: z.number().min(0).max(1),
    /** Weight of the divergence from the reference, which is taken off the rewards of tokens; the first one. */
    klWeight: z.number().min(0).max(100),
    klEstimator: z.enum(['k1', 'k3']),
    /** The divergence of a completion, in nats, that the weight is brought to. Null: the weight stays. */
    adaptiveKl: z.object({ target: z.number().gt(0).max(1e6), horizon: z.number().min(1).max(1e9) }).nullable(),
    /** Whether the rewards of tokens get the deviation 1. */
    whitensRewards: z.boolean(),
    /** Updates from one pass over the completions of a step. */
    miniBatches: z.number().int().min(1).max(64),
    missingEndPenalty: MissingEndPenalty,
    /** The reward model that the values begin with; null: the base model, and values of 0. */
    valueModel: z.object({ modelId: z.uuid(), modelDigest: Sha256 }).nullable(),
    valueLearningRate: z.number().gt(0).max(1),
    /** Steps at the beginning in which the values alone learn. */
    valueWarmupSteps: z.number().int().min(0).max(100_000),
  }),
]);
export type PolicyAlgorithm = z.infer<typeof PolicyAlgorithm>;

/**
 * Pairs of judged answers that a policy is held against, and does not learn: where it comes to find the worse ones
 * likelier while its reward rises, that is gamed.
 */
const ControlPreferences = z.object({
  /** Digest of the dataset version's Parquet file. */
  datasetDigest: Sha256,
  split: z.string().min(1),
  preference: PreferenceForm,
  /** Pairs that are read at most, always the same ones, with all of a prompt. */
  pairs: z.number().int().min(2).max(4096),
});

/** When a run tells that its policy goes astray. Null: not at all. */
export const PolicyGuards = z.object({
  /** Divergence from the reference, in nats a completion. */
  klBudget: z.number().gt(0).nullable(),
  /** Mean length of held-out completions, in lengths before the first update. */
  lengthGrowth: z.number().gt(1).nullable(),
  /** Share of the trigrams of tokens in held-out completions that came before. */
  repetition: z.number().gt(0).max(1).nullable(),
  /** Whether a finding ends the run; else it goes on. */
  stops: z.boolean(),
});
export type PolicyGuards = z.infer<typeof PolicyGuards>;

/** Policy optimization: a language model writes, and learns what is rewarded. An example is a prompt. */
export const PolicyOptimizationSpec = z.object({
  method: z.literal('policyOptimization'),
  ...base,
  /** A column of texts, or of lists of chat turns. */
  promptColumn: z.string().min(1),
  /** What the model is told before; for prompts that are texts. */
  systemColumn: z.string().min(1).nullable(),
  algorithm: PolicyAlgorithm,
  /** Completions of each prompt, G: see `samplesOf`. */
  samples: z.number().int().min(1).max(64),
  /** Tokens of a completion at most. */
  maxTokens: z.number().int().min(1).max(8192),
  /** So near to 0, one token would take it all: nothing would differ, and nothing would be learned. */
  temperature: z.number().min(0.01).max(5),
  /** Updates from each batch of completions, μ. */
  iterations: z.number().int().min(1).max(16),
  /** Whether completions that the limit cut off are left out of the loss. */
  masksTruncated: z.boolean(),
  rewards: Rewards,
  /** Rewards that are measured on held-out prompts, and not learned: they rise no longer where the others are gamed. */
  controlRewards: z.array(Reward).max(8),
  /** Null: none. */
  controlPreferences: ControlPreferences.nullable().default(null),
  /** The model whose divergence is measured. */
  referenceDigest: Sha256,
  /** Held-out prompts that are measured. */
  heldOutPrompts: z.number().int().min(1).max(1024),
  guards: PolicyGuards,
});
export type PolicyOptimizationSpec = z.infer<typeof PolicyOptimizationSpec>;

export function textColumnsOf({ promptColumn }: Pick<PolicyOptimizationSpec, 'promptColumn'>): readonly string[] {
  return [promptColumn];
}

export function headsOf(): TaskHead[] {
  return [];
}

/** Keys of the metrics that are measured on held-out prompts before the first update and after each epoch. */
export function measuredBy({
  rewards,
  controlRewards,
  controlPreferences = null,
}: {
  readonly rewards: readonly { readonly name: string }[];
  readonly controlRewards: readonly { readonly name: string }[];
  readonly controlPreferences?: object | null;
}): string[] {
  return [
    'validation/reward',
    ...rewards.map(({ name }) => `validation/${name}/reward`),
    ...controlRewards.map(({ name }) => `validation/${name}/control`),
    ...(controlPreferences === null ? [] : ['validation/preferenceAccuracy', 'validation/preferenceMargin']),
    'validation/kl',
    'validation/length',
    'validation/truncatedShare',
    'validation/repetition',
    'validation/entropy',
  ];
}

/** Whether each update reads the reference, and not the evaluations alone. */
export function readsReference({ algorithm, guards }: Pick<PolicyOptimizationSpec, 'algorithm' | 'guards'>): boolean {
  if (algorithm.kind === 'onlineDpo' || algorithm.kind === 'ppo') return true;
  return algorithm.klWeight > 0 || guards.klBudget !== null;
}

/** How many completions of a prompt an algorithm takes. */
export function samplesOf({ kind }: Pick<PolicyAlgorithm, 'kind'>): {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
} {
  switch (kind) {
    case 'rloo':
    case 'grpo':
      return { least: 2, most: 64, usual: 8 };
    case 'onlineDpo':
      return { least: 2, most: 2, usual: 2 };
    case 'ppo':
      return { least: 1, most: 64, usual: 4 };
    default:
      return kind satisfies never;
  }
}

/** Updates of the policy in a step, μ: passes over its completions, each in as many mini-batches as there are. */
export function updatesOfStep({ algorithm, iterations }: Pick<PolicyOptimizationSpec, 'algorithm' | 'iterations'>) {
  return algorithm.kind === 'ppo' ? iterations * algorithm.miniBatches : iterations;
}

/** β in an epoch, counted from 0. */
export function betaOf({ betas }: PolicyAlgorithm & { readonly kind: 'onlineDpo' }, epoch: number): number {
  return betas[Math.min(epoch, betas.length - 1)]!;
}
