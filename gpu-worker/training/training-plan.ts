import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { totalSteps, updatesPerEpoch } from '../../src/protocol/training-steps.js';
import { type Batch, planEpoch } from '../data/batch-plan.js';

/** The batches of one optimizer update: as many as gradients are accumulated over, fewer at the end of an epoch. */
export interface Update {
  /** Counted from 1 over the whole training. */
  readonly step: number;
  readonly epoch: number;
  /** Counted from 0 within the epoch. */
  readonly index: number;
  /** Epochs of data seen when this update is done. */
  readonly epochsSeen: number;
  readonly exampleCount: number;
  readonly batches: readonly {
    readonly batch: Batch;
    /** Counted from 0 over the whole training: what dropout masks depend on, besides the seed. */
    readonly ordinal: number;
  }[];
}

export interface TrainingPlan {
  readonly updatesPerEpoch: number;
  readonly totalSteps: number;
  /** The updates of an epoch, in order: a pure function of lengths and hyperparameters. */
  updatesOf(epoch: number): readonly Update[];
}

/** Lays out the whole training. @param lengths [N] tokens of each example */
export function planTraining(lengths: Int32Array, buckets: readonly number[], h: Hyperparameters): TrainingPlan {
  const accumulated = h.gradientAccumulationSteps;
  const batchesPerEpoch = Math.ceil(lengths.length / h.batchSize);
  const updates = updatesPerEpoch(lengths.length, h);
  return {
    updatesPerEpoch: updates,
    totalSteps: totalSteps(lengths.length, h),
    updatesOf(epoch) {
      const plan = planEpoch(lengths, { batchSize: h.batchSize, buckets }, h.seed, epoch);
      const batches = plan.map((batch, index) => ({ batch, ordinal: epoch * batchesPerEpoch + index }));
      return Array.from({ length: updates }, (_, index) => {
        const chosen = batches.slice(index * accumulated, (index + 1) * accumulated);
        return {
          step: epoch * updates + index + 1,
          epoch,
          index,
          epochsSeen: epoch + (index + 1) / updates,
          exampleCount: chosen.reduce((count, { batch }) => count + batch.examples.length, 0),
          batches: chosen,
        };
      });
    },
  };
}
