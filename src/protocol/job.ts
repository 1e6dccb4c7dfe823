import { z } from 'zod';
import { BatchFormat, ResultColumn } from './batch-prediction.js';
import { EvaluationScores } from './evaluation-scores.js';
import { MakeItemsJob, MakeItemsResult } from './feedback/make-items-job.js';
import { Finding } from './findings.js';
import { GenerateJob, GenerateResult } from './generation.js';
import { LicencePolicy } from './licences/policy.js';
import { RunSpec } from './methods/index.js';
import { InspectJob, ModelInspection } from './model-inspection.js';
import { ModelSource } from './model-source.js';
import { ParityCertificate } from './parity-certificate.js';
import { PreferenceEvaluation } from './preference-evaluation.js';
import { PreferenceForm } from './preference-form.js';
import { ExportRowsJob, LeftOutRow } from './preparation/export-job.js';
import { PrepareJob } from './preparation/prepare-job.js';
import { PreparationPreview, PreviewJob } from './preparation/preview.js';
import { ReportJob } from './preparation/report-job.js';
import { RecommendJob } from './recommendation/recommend-job.js';
import { ScoreSamplesJob, ScoreSamplesResult } from './samples/score-samples-job.js';
import { Sha256 } from './sha256.js';
import { TokenEvaluation } from './token-evaluation.js';

/**
 * Jobs of different lanes never wait for each other. `transfer` moves files: imports and exports of models. `batch`
 * predicts for whole datasets and files, scores predictions of tokens, makes items of feedback tasks, and has models
 * write samples that are scored, so that no person waits for these. `data`
 * makes dataset versions, reports on them, writes them out and measures models on them; `preview` shows what a recipe
 * would do and what a model is, which a person waits for.
 */
export const JobLane = z.enum(['training', 'short', 'transfer', 'batch', 'data', 'preview']);
export type JobLane = z.infer<typeof JobLane>;

export const TrainJob = z.object({ kind: z.literal('train'), runId: z.uuid(), spec: RunSpec });
export type TrainJob = z.infer<typeof TrainJob>;

const columns = z.array(z.string()).min(1);

/** Jobs of release 0.1 name one `labelColumn`. */
function withTargetColumns(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('labelColumn' in value)) return value;
  const { labelColumn, ...rest } = value;
  return { ...rest, targetColumns: [labelColumn] };
}

export const EvaluateJob = z.object({
  kind: z.literal('evaluate'),
  evaluationId: z.uuid(),
  modelDigest: Sha256,
  datasetDigest: Sha256,
  split: z.string(),
  textColumn: z.string(),
  pairColumn: z.string().nullable().default(null),
  /**
   * Heads, each with the columns that it is scored against: one column, or for a regression one for each output. None
   * where the model's own predictions of tokens are scored.
   */
  tasks: z.array(z.preprocess(withTargetColumns, z.object({ task: z.string(), targetColumns: columns }))),
  /** Absent: heads are scored. */
  tokens: TokenEvaluation.optional(),
  /** Present: a reward model is scored, on judgements; or with `preferenceReading` a language model. */
  preference: PreferenceForm.optional(),
  preferenceReading: PreferenceEvaluation.optional(),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

export const PredictJob = z.object({
  kind: z.literal('predict'),
  modelDigest: Sha256,
  /** Row id of the model, for feedback on what it predicts. Absent in jobs of older releases. */
  modelId: z.uuid().optional(),
  texts: z.array(z.string()).min(1).max(256),
  /** Second text of each; null for tasks on single texts. */
  pairs: z.array(z.string()).nullable().default(null),
});
export type PredictJob = z.infer<typeof PredictJob>;

export const PredictBatchJob = z.object({
  kind: z.literal('predictBatch'),
  batchPredictionId: z.uuid(),
  modelDigest: Sha256,
  /** Rows in the layout of a dataset version. */
  dataDigest: Sha256,
  /** Null: the rows of all splits. */
  split: z.string().nullable(),
  rowCount: z.number().int().min(0),
  textColumn: z.string(),
  pairColumn: z.string().nullable(),
  format: BatchFormat,
  /** The columns to add to those of the rows, in their order. */
  columns: z.array(ResultColumn),
  /** Name of the file of results. */
  fileName: z.string(),
});
export type PredictBatchJob = z.infer<typeof PredictBatchJob>;

export const ImportJob = z.object({
  kind: z.literal('import'),
  importId: z.uuid(),
  source: ModelSource,
  /** Null: the licence that the model itself names. */
  licence: z.string().nullable(),
  /** Which licences the project takes. Absent: any. */
  licencePolicy: LicencePolicy.optional(),
  /** The model that an adapter in PEFT's format is for; null when a whole model is imported. */
  adapterBaseDigest: Sha256.nullable(),
  /** Whether the one number that its head gives says how good an answer is. Absent: only where its files say so. */
  isRewardModel: z.boolean().optional(),
});
export type ImportJob = z.infer<typeof ImportJob>;

/**
 * `huggingFace`: a folder that `transformers` loads, an adapter merged. `peft`: the adapter alone, as PEFT stores it.
 * `onnx`: one graph from token ids to logits of every head. `transformersJs`: graphs in the layout that
 * `@huggingface/transformers` loads in JavaScript. `gguf`: a file for llama.cpp, of models that predict the next token.
 */
export const ExportFormat = z.enum(['huggingFace', 'peft', 'onnx', 'transformersJs', 'gguf']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** What the matrices of a graph are stored as, and its products computed in. */
export const OnnxVariant = z.enum(['float32', 'float16', 'int8']);
export type OnnxVariant = z.infer<typeof OnnxVariant>;

/** How a GGUF file has the numbers of matrices: 4, 2, and 1 1/16 bytes each. */
export const GgufType = z.enum(['F32', 'F16', 'Q8_0']);
export type GgufType = z.infer<typeof GgufType>;

/**
 * The experiment that made a model, whose held-out rows an export is checked on.
 * `testSplit`: a split of its dataset version that it neither learned nor measured on; null: there is none.
 */
export const MadeBy = z.object({ spec: RunSpec, testSplit: z.string().nullable() });
export type MadeBy = z.infer<typeof MadeBy>;

export const ExportJob = z.object({
  kind: z.literal('export'),
  exportId: z.uuid(),
  modelDigest: Sha256,
  format: ExportFormat,
  /** What somebody set as the model's licence, in place of its manifest's. Absent: nobody did. */
  licence: z.string().optional(),
  /** The graphs of `transformersJs`. Absent: all. */
  variants: z.array(OnnxVariant).min(1).optional(),
  /** Whether the model was trained on pairs of texts, which what the files say of its use shows. Absent: it was not. */
  readsPairs: z.boolean().optional(),
  /** Of the format `gguf` alone. */
  gguf: z.object({ type: GgufType, modelName: z.string() }).optional(),
  /** Null or absent: the model is from elsewhere. */
  madeBy: MadeBy.nullish(),
  /** Whether the export fails where it cannot be checked. Absent: it does not. */
  requireCertificate: z.boolean().optional(),
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

/** How far the scoring of an evaluation has come. */
export const EvaluationProgress = z.object({
  examplesDone: z.number().int().min(0),
  examplesTotal: z.number().int().min(0),
});
export type EvaluationProgress = z.infer<typeof EvaluationProgress>;

export const TransferStatus = z.enum(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED']);
export type TransferStatus = z.infer<typeof TransferStatus>;

export const JobPayload = z.discriminatedUnion('kind', [
  TrainJob,
  EvaluateJob,
  PredictJob,
  GenerateJob,
  PredictBatchJob,
  ImportJob,
  ExportJob,
  PrepareJob,
  PreviewJob,
  InspectJob,
  ReportJob,
  ExportRowsJob,
  RecommendJob,
  MakeItemsJob,
  ScoreSamplesJob,
]);
export type JobPayload = z.infer<typeof JobPayload>;
export type JobKind = JobPayload['kind'];

export function laneOf(job: JobPayload): JobLane {
  switch (job.kind) {
    case 'train':
      return 'training';
    case 'evaluate':
      return job.tokens === undefined && job.preferenceReading === undefined ? 'short' : 'batch';
    case 'predict':
    case 'generate':
      return 'short';
    case 'predictBatch':
    case 'makeItems':
    case 'scoreSamples':
      return 'batch';
    case 'import':
    case 'export':
      return 'transfer';
    case 'prepare':
    case 'report':
    case 'exportRows':
    case 'recommend':
      return 'data';
    case 'preview':
    case 'inspect':
      return 'preview';
    default:
      return job satisfies never;
  }
}

const LabelProbability = z.object({ label: z.string(), probability: z.number() });

/** What one head predicts for one text. */
export const TaskPrediction = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classification').default('classification'),
    task: z.string(),
    /** Sorted by probability, highest first. */
    labels: z.array(LabelProbability),
  }),
  z.object({
    kind: z.literal('multiLabel'),
    task: z.string(),
    /** All labels, sorted by probability, highest first; those from their threshold on are predicted. */
    labels: z.array(LabelProbability.extend({ threshold: z.number(), isPredicted: z.boolean() })),
  }),
  z.object({
    kind: z.literal('regression'),
    task: z.string(),
    /** In the unit of the training data. */
    values: z.array(z.object({ name: z.string(), value: z.number() })),
  }),
  z.object({
    kind: z.literal('tokenClassification'),
    task: z.string(),
    /** A tag for each word that the model saw. Offsets count UTF-16 code units of the text; `end` is exclusive. */
    words: z.array(
      z.object({ start: z.number().int(), end: z.number().int(), tag: z.string(), probability: z.number() }),
    ),
    /**
     * Entities that IOB2 tags mark; with plain tags, runs of words that share a tag. `probability`: the mean over the
     * words.
     */
    spans: z.array(
      z.object({ start: z.number().int(), end: z.number().int(), label: z.string(), probability: z.number() }),
    ),
  }),
  z.object({
    kind: z.literal('reward'),
    task: z.string(),
    /** Standardized: in deviations from the mean of held-out answers. Null: the model reads no token of the answer. */
    value: z.number().nullable(),
    /** As the head gives it. Null with `value`. */
    output: z.number().nullable(),
  }),
]);
export type TaskPrediction = z.infer<typeof TaskPrediction>;

export const TextPrediction = z.object({
  /** Tokens that the model saw, special tokens included. */
  tokenCount: z.number().int().min(0),
  truncated: z.boolean(),
  tasks: z.array(TaskPrediction),
});
export type TextPrediction = z.infer<typeof TextPrediction>;

/** Workers of older releases leave it out. */
const findings = z.array(Finding).optional();

const EvaluateResult = z.object({
  kind: z.literal('evaluate'),
  tasks: z.array(EvaluationScores),
  findings,
  /** The file with what was said of each example (scored-example.ts); absent in older results. */
  examplesDigest: Sha256.optional(),
  examplesMissing: z.literal('DISK_FULL').optional(),
});
const PredictResult = z.object({ kind: z.literal('predict'), predictions: z.array(TextPrediction) });
const TrainResult = z.object({ kind: z.literal('train'), modelDigest: Sha256, findings });
const ImportResult = z.object({ kind: z.literal('import'), modelDigest: Sha256 });
export const ExportedFile = z.object({ name: z.string(), digest: Sha256, sizeBytes: z.number().int().min(0) });
export type ExportedFile = z.infer<typeof ExportedFile>;
const PredictBatchResult = z.object({
  kind: z.literal('predictBatch'),
  file: ExportedFile,
  /** Rows without a prediction. */
  errorCount: z.number().int().min(0),
});
const ExportResult = z.object({
  kind: z.literal('export'),
  files: z.array(ExportedFile).min(1),
  /** Workers of older releases leave it out. */
  certificate: ParityCertificate.optional(),
});
const InspectResult = z.object({ kind: z.literal('inspect'), inspection: ModelInspection });
const PreviewResult = z.object({ kind: z.literal('preview'), preview: PreparationPreview });
/** The version itself is in its row. */
const PrepareResult = z.object({ kind: z.literal('prepare'), digest: Sha256 });
/** What was found is in the row of the report. */
const ReportResult = z.object({ kind: z.literal('report') });
const ExportRowsResult = z.object({
  kind: z.literal('exportRows'),
  files: z.array(ExportedFile).min(1),
  rowCount: z.number().int().min(0),
  /** Rows that the form can not hold, and the first of them. */
  leftOutCount: z.number().int().min(0),
  leftOut: z.array(LeftOutRow),
});
/** The order is in the row of the recommendation. */
const RecommendResult = z.object({ kind: z.literal('recommend') });
export const JobResult = z.discriminatedUnion('kind', [
  EvaluateResult,
  PredictResult,
  GenerateResult,
  PredictBatchResult,
  TrainResult,
  ImportResult,
  ExportResult,
  PrepareResult,
  PreviewResult,
  InspectResult,
  ReportResult,
  ExportRowsResult,
  RecommendResult,
  MakeItemsResult,
  ScoreSamplesResult,
]);
export type JobResult = z.infer<typeof JobResult>;

/** A claimed job: `attempt` is the fencing token that every later write of its worker must match. */
export interface ClaimedJob {
  readonly id: string;
  readonly projectId: string;
  readonly attempt: number;
  readonly payload: JobPayload;
}

/** The request that queued a job. */
export interface JobOrigin {
  /** Its id; null: no request did. */
  readonly requestId: string | null;
  /** Its place in a trace, as W3C’s header says it; null: it is followed by none. */
  readonly traceparent: string | null;
}
