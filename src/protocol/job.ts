import { z } from 'zod';
import { ClassificationScores } from './evaluation-scores.js';
import { Problem } from './run-event.js';
import { RunSpec } from './run-spec.js';
import { Sha256 } from './sha256.js';

/** Jobs of different lanes never wait for each other. `transfer` moves files: imports and exports of models. */
export const JobLane = z.enum(['training', 'short', 'transfer']);
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
  pairColumn: z.string().nullable().default(null),
  /** Which head is scored against which column of the dataset version. */
  tasks: z.array(z.object({ task: z.string(), labelColumn: z.string() })).min(1),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

export const PredictJob = z.object({
  kind: z.literal('predict'),
  modelDigest: Sha256,
  texts: z.array(z.string()).min(1).max(256),
  /** Second text of each; null for tasks on single texts. */
  pairs: z.array(z.string()).nullable().default(null),
});
export type PredictJob = z.infer<typeof PredictJob>;

/** Where a model in Hugging Face's layout comes from. */
export const ModelSource = z.discriminatedUnion('kind', [
  /** A folder on the worker's machine. */
  z.object({ kind: z.literal('folder'), path: z.string().min(1) }),
  /** A repository of a model hub, at a branch, tag or commit. */
  z.object({ kind: z.literal('hub'), repository: z.string().min(1), revision: z.string().min(1) }),
]);
export type ModelSource = z.infer<typeof ModelSource>;

export const ImportJob = z.object({
  kind: z.literal('import'),
  importId: z.uuid(),
  source: ModelSource,
  /** Null: what the model says of itself. */
  licence: z.string().nullable(),
  /** The model that an adapter in PEFT's format is for; null when a whole model is imported. */
  adapterBaseDigest: Sha256.nullable(),
});
export type ImportJob = z.infer<typeof ImportJob>;

/**
 * `huggingFace`: a folder that `transformers` loads, an adapter merged. `peft`: the adapter alone, as PEFT stores it.
 * `onnx`: one graph from token ids to logits of every head.
 */
export const ExportFormat = z.enum(['huggingFace', 'peft', 'onnx']);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportJob = z.object({
  kind: z.literal('export'),
  exportId: z.uuid(),
  modelDigest: Sha256,
  format: ExportFormat,
});
export type ExportJob = z.infer<typeof ExportJob>;

/** How far an import or export has come. */
export const TransferProgress = z.object({
  bytesDone: z.number().int().min(0),
  /** Null until it is known. */
  bytesTotal: z.number().int().min(0).nullable(),
  /** The file being read or written, as the user knows it. */
  currentFile: z.string().nullable(),
});
export type TransferProgress = z.infer<typeof TransferProgress>;

export const TransferStatus = z.enum(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED']);
export type TransferStatus = z.infer<typeof TransferStatus>;

export const JobPayload = z.discriminatedUnion('kind', [TrainJob, EvaluateJob, PredictJob, ImportJob, ExportJob]);
export type JobPayload = z.infer<typeof JobPayload>;
export type JobKind = JobPayload['kind'];

export const laneOf: Readonly<Record<JobKind, JobLane>> = {
  train: 'training',
  evaluate: 'short',
  predict: 'short',
  import: 'transfer',
  export: 'transfer',
};

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
export const ImportResult = z.object({ kind: z.literal('import'), modelDigest: Sha256 });
export const ExportedFile = z.object({ name: z.string(), digest: Sha256, sizeBytes: z.number().int().min(0) });
export type ExportedFile = z.infer<typeof ExportedFile>;
export const ExportResult = z.object({ kind: z.literal('export'), files: z.array(ExportedFile).min(1) });
export const JobResult = z.discriminatedUnion('kind', [
  EvaluateResult,
  PredictResult,
  TrainResult,
  ImportResult,
  ExportResult,
]);
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
