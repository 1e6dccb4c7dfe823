import { z } from 'zod';
import { Hyperparameters } from '../hyperparameters.js';
import { RunSpec } from '../methods/index.js';
import { RecommendationReason } from './reason.js';

/** What of a model is trained: all of it, a low-rank adapter beside it, or heads alone over the frozen encoder. */
export const TrainingKind = z.enum(['FULL', 'LORA', 'FROZEN']);
export type TrainingKind = z.infer<typeof TrainingKind>;

const size = z.number().min(0);

/** A training that a model could be given, with what it would take, as `planExperiment` estimates it. */
export const PlannedTraining = z.object({
  kind: TrainingKind,
  hyperparameters: Hyperparameters,
  trainableParameters: size,
  memoryBytes: size,
  checkpointBytes: size,
  seconds: size,
});
export type PlannedTraining = z.infer<typeof PlannedTraining>;

/** A model that can be given the task. */
export const Candidate = z.object({
  modelId: z.uuid(),
  name: z.string(),
  /** How the model would be trained in full: its evidence is read from the same rows and columns. */
  spec: RunSpec,
  trainings: z.array(PlannedTraining).min(1),
  trainExamples: z.number().int().min(0),
  /** What is known of it before anything is measured. */
  reasons: z.array(RecommendationReason),
});
export type Candidate = z.infer<typeof Candidate>;

/** A model that is not measured, and why. */
export const ExcludedModel = z.object({
  modelId: z.uuid(),
  name: z.string(),
  reasons: z.array(RecommendationReason).min(1),
});
export type ExcludedModel = z.infer<typeof ExcludedModel>;

/** What a training may take. Null: no limit. */
export const TrainingBudget = z.object({ memoryBytes: size.nullable(), seconds: size.nullable() });
export type TrainingBudget = z.infer<typeof TrainingBudget>;
