import { z } from 'zod';
import { Sha256 } from '../sha256.js';
import { Candidate, ExcludedModel, PlannedTraining, TrainingBudget, TrainingKind } from './candidate.js';
import { ModelEvidence } from './evidence.js';
import { RecommendationReason } from './reason.js';

const count = z.number().int().positive();

/** Models are measured on a dataset version, and put into an order. */
export const RecommendJob = z.object({
  kind: z.literal('recommend'),
  recommendationId: z.uuid(),
  datasetDigest: Sha256,
  candidates: z.array(Candidate),
  excluded: z.array(ExcludedModel),
  budget: TrainingBudget,
  /** The most examples that each model is probed with: the same rows for all of them. */
  probedExamples: count,
});
export type RecommendJob = z.infer<typeof RecommendJob>;

/** How many of the candidates are measured, and which one is at work. */
export const RecommendProgress = z.object({
  modelsDone: z.number().int().min(0),
  modelsTotal: z.number().int().min(0),
  currentModel: z.string().nullable(),
});
export type RecommendProgress = z.infer<typeof RecommendProgress>;

export const RecommendedModel = z.object({
  modelId: z.uuid(),
  name: z.string(),
  /** From 1; null: it is out of the question. */
  rank: z.number().int().positive().nullable(),
  /** Null of a model that was not measured. */
  evidence: ModelEvidence.nullable(),
  trainings: z.array(PlannedTraining.extend({ fits: z.boolean() })),
  suggested: TrainingKind.nullable(),
  reasons: z.array(RecommendationReason),
});
export type RecommendedModel = z.infer<typeof RecommendedModel>;

/** What a recommendation has come to: the best model first, those out of the question last. */
export const ModelRanking = z.object({ models: z.array(RecommendedModel) });
export type ModelRanking = z.infer<typeof ModelRanking>;
