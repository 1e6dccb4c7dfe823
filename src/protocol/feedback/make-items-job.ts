import { z } from 'zod';
import { FeedbackQuestion } from '../feedback.js';
import { GenerationSettings } from '../generation.js';
import { Sha256 } from '../sha256.js';

/** What one job may make. */
export const itemSourceLimits = {
  /** Rows, or prompts, that items are made of. */
  maxRows: 10_000,
  /** Rows that a model predicts for, to choose from. */
  maxPool: 50_000,
  /** Models, or settings of one, that write answers. */
  maxVariants: 8,
  maxItems: 50_000,
  /** Tasks whose rows are left out. */
  maxExceptTasks: 100,
  /** Reward models that say which pairs come first. */
  maxRewardModels: 8,
} as const;

/** The columns that items are made of. */
export const ItemColumns = z.object({
  /** What is labelled, rated or corrected; null: items have no text of their own. */
  text: z.string().nullable(),
  /** Null: items have no prompt. */
  prompt: z.object({ column: z.string(), form: z.enum(['text', 'messages']) }).nullable(),
  /** The answers that are judged. */
  answers: z.array(z.string()),
});
export type ItemColumns = z.infer<typeof ItemColumns>;

/** What makes a prediction unsure, or rows worth asking about. */
export const PickRowsBy = z.enum(['ENTROPY', 'MARGIN', 'DIVERSITY']);
export type PickRowsBy = z.infer<typeof PickRowsBy>;

/** A model that writes, and how. */
export const AnswerVariant = z.object({ modelId: z.uuid(), modelDigest: Sha256, settings: GenerationSettings });
export type AnswerVariant = z.infer<typeof AnswerVariant>;

/** Beside the rows themselves, what items are made of. */
export const ItemsFrom = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rows') }),
  z.object({
    kind: z.literal('predictions'),
    modelId: z.uuid(),
    modelDigest: Sha256,
    /** Name of the head. */
    task: z.string(),
    /** How many rows to predict for; the job's `most` of them become items. */
    pool: z.number().int().min(1),
    by: PickRowsBy,
  }),
  z.object({
    kind: z.literal('generations'),
    variants: z.array(AnswerVariant).min(1),
    /** Whether a prompt that is a text is said by a user, for models with a chat template. */
    asConversation: z.boolean(),
    /** Pairs of each prompt, drawn at random; null: all. */
    pairsPerPrompt: z.number().int().min(1).nullable(),
  }),
]);
export type ItemsFrom = z.infer<typeof ItemsFrom>;

/** Which pairs of answers come first, by what reward models say of them. */
export const RankPairsBy = z.enum(['GAP_VARIANCE', 'SMALLEST_GAP', 'LARGEST_GAP']);
export type RankPairsBy = z.infer<typeof RankPairsBy>;

/** Reward models that score both answers of each pair, and what of the scores decides. */
export const PairRanking = z.object({
  by: RankPairsBy,
  /** At least two for the variance of the gap, else one. */
  models: z.array(z.object({ modelId: z.uuid(), modelDigest: Sha256 })).min(1),
  /** So many pairs become items, the first ones; null: all. */
  keep: z.number().int().min(1).nullable(),
});
export type PairRanking = z.infer<typeof PairRanking>;

/** A job of the batch lane: makes the items of a feedback task. */
export const MakeItemsJob = z.object({
  kind: z.literal('makeItems'),
  itemSourceId: z.uuid(),
  question: FeedbackQuestion,
  versionId: z.uuid(),
  dataDigest: Sha256,
  /** Null: the rows of all splits. */
  split: z.string().nullable(),
  columns: ItemColumns,
  most: z.number().int().min(1),
  /** Rows are drawn by it; null: the first ones, as they stand. */
  seed: z.number().int().nullable(),
  /** Rows that are left out, by their numbers. */
  except: z.array(z.number().int()).default([]),
  from: ItemsFrom,
  /** Of comparisons: reward models rank them; null: they stand as they were made. */
  ranking: PairRanking.nullable().default(null),
});
export type MakeItemsJob = z.infer<typeof MakeItemsJob>;

/**
 * How far it is, in rows that were read or predicted for, or in prompts times models that write; then in answers times
 * reward models.
 */
export const MakeItemsProgress = z.object({ unitsDone: z.number().int(), unitsTotal: z.number().int() });
export type MakeItemsProgress = z.infer<typeof MakeItemsProgress>;

/** What a model says of the text of an item, the likeliest label first. */
export const ItemPrediction = z.object({
  modelId: z.uuid(),
  task: z.string(),
  labels: z.array(z.object({ label: z.string(), probability: z.number() })),
  /** From 0 up, by what the items were picked by; null: by diversity. */
  uncertainty: z.number().nullable(),
});
export type ItemPrediction = z.infer<typeof ItemPrediction>;

/** What reward models say of the two answers of an item, in the order of its answers. */
export const ItemRewards = z.array(
  z.object({
    modelId: z.uuid(),
    /** In deviations from the mean of held-out answers; null: the model reads no token of it. */
    rewards: z.tuple([z.number().nullable(), z.number().nullable()]),
  }),
);
export type ItemRewards = z.infer<typeof ItemRewards>;

export const MakeItemsResult = z.object({
  kind: z.literal('makeItems'),
  itemCount: z.number().int(),
  /** Rows and prompts that no item could be made of. */
  leftOutCount: z.number().int(),
  /** Answers, or pairs of them, that were dropped because they were equal. */
  equalCount: z.number().int(),
});
