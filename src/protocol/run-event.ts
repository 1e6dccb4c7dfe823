import { z } from 'zod';
import { RunStatus } from './run-status.js';
import { Sha256 } from './sha256.js';

/** JSON has no NaN: a value that is not finite is null, and `nonFinite` says which it was. */
export const MetricSample = z.object({
  key: z.string(),
  value: z.number().nullable(),
  nonFinite: z.enum(['NAN', 'POSITIVE_INFINITY', 'NEGATIVE_INFINITY']).optional(),
});
export type MetricSample = z.infer<typeof MetricSample>;

/** A typed problem: what is wrong, where, and what to do about it. */
export const Problem = z.object({
  /** Path into the input or spec, e.g. ['tasks', '0', 'labelColumn']. */
  path: z.array(z.string()),
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
});
export type Problem = z.infer<typeof Problem>;

const StatusChanged = z.object({
  kind: z.literal('statusChanged'),
  from: RunStatus.nullable(),
  to: RunStatus,
  reason: z.string().nullable(),
  problem: Problem.nullable(),
});

export const MetricsRecorded = z.object({
  kind: z.literal('metricsRecorded'),
  /** Optimizer steps done, from 1. */
  step: z.number().int().min(0),
  /** Fraction of the training set seen so far, in epochs. */
  epoch: z.number().min(0),
  samples: z.array(MetricSample).min(1),
});
export type MetricsRecorded = z.infer<typeof MetricsRecorded>;

const CheckpointSaved = z.object({
  kind: z.literal('checkpointSaved'),
  checkpointId: z.uuid(),
  step: z.number().int().min(0),
  digest: Sha256,
  sizeBytes: z.number().int().min(0),
  /** Whether its validation metric is the best so far. */
  best: z.boolean(),
});

export const LogLine = z.object({
  kind: z.literal('logLine'),
  level: z.enum(['INFO', 'WARNING', 'ERROR']),
  message: z.string(),
});

export const ProgressMade = z.object({
  kind: z.literal('progressMade'),
  step: z.number().int().min(0),
  totalSteps: z.number().int().min(0),
  epoch: z.number().min(0),
  examplesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});

/**
 * How a language model went on from the beginnings of a few texts: always with the likeliest token, or, where what it
 * writes is rewarded, by drawing tokens.
 */
export const TextsGenerated = z.object({
  kind: z.literal('textsGenerated'),
  /** Optimizer steps done; 0: by the base model. */
  step: z.number().int().min(0),
  epoch: z.number().min(0),
  texts: z
    .array(
      z.object({
        prompt: z.string(),
        text: z.string(),
        /** How the text of the data goes on. */
        expected: z.string(),
        /** Whether the model ended the text; else it was cut off. */
        isEnded: z.boolean(),
        /** The reward of what was written, where it was rewarded and the reward could be given. */
        reward: z.number().nullish(),
      }),
    )
    .min(1),
});

export const RunEvent = z.discriminatedUnion('kind', [
  StatusChanged,
  MetricsRecorded,
  CheckpointSaved,
  LogLine,
  ProgressMade,
  TextsGenerated,
]);
export type RunEvent = z.infer<typeof RunEvent>;
export type RunEventKind = RunEvent['kind'];

/** A run event as stored and replayed: `seq` counts from 1 without gaps within a run. */
export interface StoredRunEvent {
  readonly runId: string;
  readonly seq: number;
  readonly attempt: number;
  readonly at: Date;
  readonly event: RunEvent;
}
