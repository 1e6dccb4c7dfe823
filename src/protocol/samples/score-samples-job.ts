import { z } from 'zod';
import { FinishReason, GenerationSettings, Prompt } from '../generation.js';
import { Rewards } from '../rewards/reward-spec.js';
import { Sha256 } from '../sha256.js';

/** What one job may write and score. */
export const sampleLimits = {
  maxPrompts: 10_000,
  /** Answers to one prompt. */
  maxSamples: 128,
  /** Of all prompts. */
  maxAnswers: 200_000,
} as const;

/** A job of the batch lane: a model writes n answers to each prompt, and rewards score them. */
export const ScoreSamplesJob = z.object({
  kind: z.literal('scoreSamples'),
  samplesId: z.uuid(),
  modelId: z.uuid(),
  modelDigest: Sha256,
  /** Its `samples` are n. */
  settings: GenerationSettings,
  versionId: z.uuid(),
  dataDigest: Sha256,
  /** Null: the rows of all splits. */
  split: z.string().nullable(),
  prompt: z.object({ column: z.string(), form: z.enum(['text', 'messages']) }),
  /** Whether a prompt that is a text is said by a user, for models with a chat template. */
  asConversation: z.boolean(),
  /** Columns of the rows that rewards read. */
  columns: z.array(z.string()),
  most: z.number().int().min(1),
  /** Rows are drawn by it; null: the first ones, as they stand. */
  seed: z.number().int().nullable(),
  /** By which the best is chosen. */
  rewards: Rewards,
  /** By which nothing is chosen: they show what the choice is worth. Null: there are none. */
  gold: Rewards.nullable(),
});
export type ScoreSamplesJob = z.infer<typeof ScoreSamplesJob>;

/** How far it is, in prompts: once for writing and once for scoring. */
export const ScoreSamplesProgress = z.object({ unitsDone: z.number().int(), unitsTotal: z.number().int() });
export type ScoreSamplesProgress = z.infer<typeof ScoreSamplesProgress>;

/** A number that JSON has; null: NaN, there is none. */
const Value = z.number().nullable();

/** One answer, with what it is worth. */
export const ScoredSample = z.object({
  text: z.string(),
  tokenCount: z.number().int(),
  reason: FinishReason,
  reward: Value,
  /** By each of the rewards, before its weight, in the order of the list. */
  bySource: z.array(Value),
  gold: Value,
});
export type ScoredSample = z.infer<typeof ScoredSample>;

/** The answers to a prompt, in the order in which they were drawn. */
export const ScoredPrompt = z.object({
  /** Number of its row in the version. */
  row: z.number().int(),
  prompt: Prompt,
  samples: z.array(ScoredSample).min(1),
});
export type ScoredPrompt = z.infer<typeof ScoredPrompt>;

const MeanOfBest = z.object({
  mean: z.number(),
  prompts: z.number().int(),
  low: Value,
  high: Value,
});

/** What the best of k is expected to have. */
const BestOfPoint = z.object({
  k: z.number().int(),
  reward: MeanOfBest,
  gold: MeanOfBest.nullable(),
  tokens: MeanOfBest,
  /** In the order of the list. */
  bySource: z.array(MeanOfBest.nullable()),
  klBound: z.number(),
});

/** What all samples say. */
export const SamplesSummary = z.object({
  promptCount: z.number().int(),
  /** Rows whose prompt is empty, or can not be read by the model. */
  leftOutCount: z.number().int(),
  /** Why the first of those was left out whose prompt the model can not read. */
  reason: z.string().nullable(),
  /** Prompts with a sample that no reward could score: they take no part in the curve. */
  unscoredCount: z.number().int(),
  /** Prompts all of whose samples have the same reward: nothing can be chosen among them. */
  equalCount: z.number().int(),
  /** Samples that were cut at the most tokens. */
  cutCount: z.number().int(),
  /** For k = 1 … n; empty: no prompt takes part. */
  curve: z.array(BestOfPoint),
});
export type SamplesSummary = z.infer<typeof SamplesSummary>;

export const ScoreSamplesResult = z.object({ kind: z.literal('scoreSamples'), summary: SamplesSummary });
