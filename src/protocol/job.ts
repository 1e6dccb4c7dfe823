import { z } from 'zod';
import { ClassificationScores } from './evaluation-scores.js';
import { Problem } from './run-event.js';
import { RunSpec } from './run-spec.js';
import { Sha256 } from './sha256.js';

/** Training and short jobs never wait for each other. */
export const JobLane = z.enum(['training', 'short']);
export type JobLane = z.infer<typeof JobLane>;

export const TrainJob = z.object({ kind: z.literal('train'), runId: z.uuid(), spec: RunSpec });
export type TrainJob = z.infer<typeof TrainJob>;

export const EvaluateJob = z.object({
  kind: z.literal('evaluate'),
  evaluationId: z.uuid(),
  modelDigest: Sha256,
  datasetDigest: Sha256,
  split: z.string(),
  textColumn: z.string(),
  /** Which head is scored against which column of the dataset version. */
  tasks: z.array(z.object({ task: z.string(), labelColumn: z.string() })).min(1),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

export const PredictJob = z.object({
  kind: z.literal('predict'),
  modelDigest: Sha256,
  texts: z.array(z.string()).min(1).max(256),
});
export type PredictJob = z.infer<typeof PredictJob>;

export const JobPayload = z.discriminatedUnion('kind', [TrainJob, EvaluateJob, PredictJob]);
export type JobPayload = z.infer<typeof JobPayload>;
export type JobKind = JobPayload['kind'];

export const laneOf: Readonly<Record<JobKind, JobLane>> = { train: 'training', evaluate: 'short', predict: 'short' };

export const TextPrediction = z.object({
  /** Tokens the model saw, special tokens included. */
  tokenCount: z.number().int().min(0),
  truncated: z.boolean(),
  tasks: z.array(
    z.object({
      task: z.string(),
      /** Sorted by probability, highest first. */
      labels: z.array(z.object({ label: z.string(), probability: z.number() })),
    }),
  ),
});
export type TextPrediction = z.infer<typeof TextPrediction>;

export const EvaluateResult = z.object({ kind: z.literal('evaluate'), tasks: z.array(ClassificationScores) });
export const PredictResult = z.object({ kind: z.literal('predict'), predictions: z.array(TextPrediction) });
export const TrainResult = z.object({ kind: z.literal('train'), modelDigest: Sha256 });
export const JobResult = z.discriminatedUnion('kind', [EvaluateResult, PredictResult, TrainResult]);
export type JobResult = z.infer<typeof JobResult>;

export const JobFailure = z.object({ problem: Problem });
export type JobFailure = z.infer<typeof JobFailure>;

/** A claimed job: `attempt` is the fencing token that every later write of its worker must match. */
export interface ClaimedJob {
  readonly id: string;
  readonly projectId: string;
  readonly attempt: number;
  readonly payload: JobPayload;
}
