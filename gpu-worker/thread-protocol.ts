import type { z } from 'zod';
import type { BatchProgress } from '../src/protocol/batch-prediction.js';
import type { ItemPrediction, ItemRewards, MakeItemsProgress } from '../src/protocol/feedback/make-items-job.js';
import type { FeedbackItemContent } from '../src/protocol/feedback.js';
import type { GenerationEvent } from '../src/protocol/generation.js';
import type { ClaimedJob, EvaluationProgress, JobResult, TransferProgress } from '../src/protocol/job.js';
import type { ModelManifest } from '../src/protocol/model-manifest.js';
import type { ExportRowsProgress } from '../src/protocol/preparation/export-job.js';
import type { PreparationProgress } from '../src/protocol/preparation/prepare-job.js';
import type { PreparedRows } from '../src/protocol/preparation/prepared-rows.js';
import type { ReportedFacts, ReportProgress } from '../src/protocol/preparation/report-job.js';
import type { ModelRanking, RecommendProgress } from '../src/protocol/recommendation/recommend-job.js';
import type { LogLine, MetricsRecorded, Problem, ProgressMade, TextsGenerated } from '../src/protocol/run-event.js';
import type { ScoreSamplesProgress } from '../src/protocol/samples/score-samples-job.js';
import type { MachineSpeed } from '../src/protocol/training-time/machine-speed.js';
import type { ArtifactRecord } from '../src/storage/artifact-rows.js';
import type { EngineChoice, EngineTarget } from './engine/types.js';

/**
 * The messages between the worker's main thread and its job threads, one or more for each lane.
 *
 * The main thread does queue, heartbeats, cancellation and telemetry; a job thread runs one job at a time and never
 * touches the database. A thread is started once and serves many jobs. Both sides belong to one build, so messages are
 * typed, not parsed. Threads use `serveJobs` (thread-port.ts) rather than these messages; docs/protocol.md draws their
 * order.
 */

/** `workerData` of a thread that computes. */
export interface ThreadSettings {
  readonly lane: 'training' | 'short';
  /** Root of the file-system artifact store. */
  readonly artifactFolder: string;
  readonly engine: { readonly target: EngineTarget | 'auto'; readonly threads: number };
  readonly services: ServiceAccess;
}

/** What calls of reward services need. */
export interface ServiceAccess {
  /** In base64: the key that secrets of services come from. A secret. */
  readonly rewardKey: string;
  /** Where services may be beside the public internet. */
  readonly allowPrivate: string;
}

/** `workerData` of a thread that predicts for whole datasets and files. */
export interface BatchSettings extends Omit<ThreadSettings, 'lane'> {
  readonly lane: 'batch';
  /** The folder for what is computed so far, which survives a lost worker there. */
  readonly batchFolder: string;
}

/** `workerData` of a thread that imports and exports models. */
export interface TransferSettings {
  readonly lane: 'transfer';
  /** Root of the file-system artifact store. */
  readonly artifactFolder: string;
  /** The folder for downloads, which survive a lost worker there. */
  readonly downloadFolder: string;
  readonly hub: {
    readonly endpoint: string;
    /** A secret. Null: only public models. */
    readonly token: string | null;
  };
  /** The only folders that models may be imported from, as absolute paths; null: any. */
  readonly importFolders: readonly string[] | null;
  /** Of the engine that runs what was exported. */
  readonly threads: number;
}

/** `workerData` of a thread that makes dataset versions. */
export interface DataSettings {
  readonly lane: 'data' | 'preview';
  /** Root of the file-system artifact store. */
  readonly artifactFolder: string;
  /** The folder for rows on their way into a version, which survive a lost worker there. */
  readonly dataFolder: string;
  readonly ingestion: { readonly threads: number; readonly memoryLimitMb: number };
  /** After so much work the rows of a preparation are kept; 0: after each step. */
  readonly keepStepsMs: number;
  /** For steps that ask a model. */
  readonly engine: ThreadSettings['engine'];
  /** From where models that are inspected may come. */
  readonly importing: Pick<TransferSettings, 'hub' | 'importFolders'>;
}

/** The checkpoint from which a new attempt resumes. */
export interface ResumePoint {
  readonly checkpointId: string;
  /** The attempt that wrote it. */
  readonly attempt: number;
  readonly step: number;
  /** Artifact of the checkpoint manifest. */
  readonly digest: string;
}

/**
 * Log-probabilities of judged answers by a reference model, which are kept for whoever needs them again.
 * `content` is the SHA-256 of all that determines them but the engine's threads.
 */
export interface KeptLogProbabilities {
  readonly content: string;
  readonly threads: number;
  /** Of the file that holds them. */
  readonly digest: string;
}

export interface NewLogProbabilities extends Omit<KeptLogProbabilities, 'digest'> {
  /** Model and dataset version, with which they go. */
  readonly referenceDigest: string;
  readonly datasetDigest: string;
  readonly artifact: ArtifactRecord;
}

export type ToThread =
  | {
      readonly kind: 'start';
      readonly job: ClaimedJob;
      /** See stop-flag.ts: the main thread requests stops, the job thread gives signs of life. */
      readonly control: SharedArrayBuffer;
      /** Null for a first attempt, for an attempt whose predecessors wrote no checkpoint, and for short jobs. */
      readonly resume: ResumePoint | null;
      /** The run's other kept checkpoints, newest first: to resume from when the files of `resume` are damaged. */
      readonly olderCheckpoints: readonly ResumePoint[];
      /** For an import, export or batch prediction: how many more bytes its project may store; null: no limit. */
      readonly storageLeftBytes: number | null;
      /** Those by the reference of the job, the newest first; none where it has no reference. */
      readonly keptLogProbabilities: readonly KeptLogProbabilities[];
    }
  /**
   * How many of this job's `events`, `status`, `checkpoint` and `wentBack` messages are in the database, for
   * back-pressure.
   */
  | { readonly kind: 'committed'; readonly jobId: string; readonly messages: number }
  /** Measure how fast the machine trains, and answer `measured`. Sent only between jobs, to a thread that trains. */
  | { readonly kind: 'measure' }
  /** Release the engine and end the thread. Sent only between jobs. */
  | { readonly kind: 'exit' };

export interface NewCheckpoint {
  /** A new UUID, by which a write that is repeated after a lost connection is recognized. */
  readonly id: string;
  readonly step: number;
  /** Whether its validation metric is the best so far. */
  readonly best: boolean;
  /** Artifact of the checkpoint manifest. */
  readonly digest: string;
  /** Bytes of all its artifacts. */
  readonly sizeBytes: number;
  /**
   * The manifest and every tensor file that it names, kept until the checkpoint is pruned and nothing else refers to
   * them.
   */
  readonly artifacts: readonly ArtifactRecord[];
}

/** A model that training produced: registered as a base model in the transaction that makes the run SUCCEEDED. */
export interface ProducedModel {
  /** Artifact of the model manifest. */
  readonly digest: string;
  readonly manifest: ModelManifest;
  /** The manifest and every file it names. */
  readonly artifacts: readonly ArtifactRecord[];
}

/** An imported model: registered in the transaction that makes its import SUCCEEDED. */
export interface ImportedModel extends ProducedModel {
  /** The source in words: `hub:org/name@<commit>`, `folder:<path>`. */
  readonly source: string;
  /** Tensors in its files that are not part of the model, such as the head of its pre-training. */
  readonly ignoredTensors: readonly string[];
}

/**
 * Events that a recipe reports. Status changes and checkpoints have messages of their own, because they change rows.
 */
export type ReportedEvent = z.infer<
  typeof MetricsRecorded | typeof LogLine | typeof ProgressMade | typeof TextsGenerated
>;

/**
 * Why a thread should stop. `pause` and `shutdown`: write a checkpoint first. `cancel`: stop at once. `abandon`: the
 * lease was lost and another worker may have the run; stop at once, because every write will be refused.
 */
export type StopReason = 'pause' | 'cancel' | 'shutdown' | 'abandon';

/** Items of a feedback task: a file with a line of JSON for each, as `MadeItem` has it. */
export interface MadeItems {
  readonly folder: string;
  readonly path: string;
  readonly count: number;
}

/** Scored samples: a file with a line of JSON for each prompt, as `ScoredPrompt` has it. */
export interface WrittenSamples {
  /** Removed once the outcome is recorded. */
  readonly folders: readonly string[];
  readonly path: string;
  readonly count: number;
}

/** A line of such a file of items. */
export interface MadeItem {
  readonly content: FeedbackItemContent;
  readonly prediction: ItemPrediction | null;
  readonly priority: number | null;
  /** Of pairs that reward models ranked. */
  readonly rewards?: ItemRewards;
}

/** The outcome of a job, as the thread reports it. */
export type JobOutcome =
  | {
      readonly kind: 'finished';
      readonly result: JobResult;
      /** For a training job or an import; null for other jobs. */
      readonly model: ProducedModel | ImportedModel | null;
      /** As artifacts: files of an export or a batch prediction, the examples of an evaluation, a version's rows. */
      readonly files?: readonly ArtifactRecord[];
      /** Of a preparation. */
      readonly prepared?: PreparedRows;
      /** Of a report. */
      readonly facts?: ReportedFacts;
      /** Of a job that makes items: the folder of their file, which is removed once the outcome is recorded. */
      readonly items?: MadeItems;
      /** Of a job that scores samples. */
      readonly samples?: WrittenSamples;
      /** Of a recommendation. */
      readonly ranking?: ModelRanking;
    }
  /**
   * The job itself is at fault (bad data, divergence, out of memory), so another attempt would fail too. `problems`: of
   * a preparation, all that is wrong with it.
   */
  | { readonly kind: 'failed'; readonly problem: Problem; readonly problems?: readonly Problem[] }
  | { readonly kind: 'stopped'; readonly reason: StopReason };

export type ReachedStatus = 'TRAINING' | 'EVALUATING';

/** How far a job has come that is neither a training, of which events tell, nor a prediction. */
export type JobProgress =
  | TransferProgress
  | EvaluationProgress
  | BatchProgress
  | PreparationProgress
  | ReportProgress
  | ExportRowsProgress
  | RecommendProgress
  | MakeItemsProgress
  | ScoreSamplesProgress;

/** What a thread times of a training: few in all, and nothing of each step. */
export type TimedPart = 'compile' | 'evaluate' | 'checkpoint' | 'write model';

export type FromThread =
  /** Sent once, when the thread is ready; jobs are sent only after it. The engine is null in a thread without one. */
  | { readonly kind: 'ready'; readonly engine: EngineChoice | null }
  | { readonly kind: 'events'; readonly jobId: string; readonly events: readonly ReportedEvent[] }
  /** A run goes PREPARING → TRAINING → EVALUATING; the main thread makes all other transitions. */
  | { readonly kind: 'status'; readonly jobId: string; readonly to: ReachedStatus; readonly reason: string | null }
  | { readonly kind: 'checkpoint'; readonly jobId: string; readonly checkpoint: NewCheckpoint }
  /** The attempt goes on after this step, and not after the one of `resume`: that checkpoint could not be used. */
  | { readonly kind: 'wentBack'; readonly jobId: string; readonly step: number }
  /** Of a generation. The database is faster than any model writes, so there is no back-pressure. */
  | { readonly kind: 'generated'; readonly jobId: string; readonly events: readonly GenerationEvent[] }
  /** Only the newest message of a job counts, so there is no back-pressure. */
  | { readonly kind: 'progressed'; readonly jobId: string; readonly progress: JobProgress }
  /** Artifacts that a job wrote and that nothing will refer to. */
  | { readonly kind: 'discard'; readonly jobId: string; readonly digests: readonly string[] }
  /** A part of the job took so long, and has just ended. For those who run the worker alone. */
  | { readonly kind: 'took'; readonly jobId: string; readonly part: TimedPart; readonly milliseconds: number }
  /** Log-probabilities that are to be kept. The job goes on whether they are or not. */
  | { readonly kind: 'keep'; readonly jobId: string; readonly kept: NewLogProbabilities }
  /** The answer to `measure`; null where it can not be measured. */
  | { readonly kind: 'measured'; readonly speed: MachineSpeed | null }
  /** The last message of a job. */
  | { readonly kind: 'ended'; readonly jobId: string; readonly outcome: JobOutcome }
  /** For the worker's own log; users see `logLine` events instead. */
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string };
