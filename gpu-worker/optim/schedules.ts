import type { LearningRateSchedule } from '../../src/protocol/hyperparameters.js';
import { cos } from '../portable-math.js';

export interface ScheduleOptions {
  readonly schedule: LearningRateSchedule;
  /** The highest learning rate, reached at the end of the warm-up. */
  readonly peakLearningRate: number;
  readonly warmupUpdates: number;
  readonly totalUpdates: number;
}

/**
 * The learning rate of one optimizer update.
 *
 * Warm-up rises linearly from 0, so the very first update of a run with warm-up has rate 0, as in transformers
 * (`optimization.py`: `_get_linear_schedule_with_warmup_lr_lambda` and its siblings). Cosine is half a wave
 * (Loshchilov & Hutter 2017, arXiv:1608.03983), without restarts.
 *
 * @param update counted from 0: `ParameterStore.updates` before the update
 */
export function learningRate(options: ScheduleOptions, update: number): number {
  const { schedule, peakLearningRate, warmupUpdates, totalUpdates } = options;
  if (update < warmupUpdates) return peakLearningRate * (update / Math.max(1, warmupUpdates));
  switch (schedule) {
    case 'constant':
      return peakLearningRate;
    case 'linear':
      return peakLearningRate * Math.max(0, (totalUpdates - update) / Math.max(1, totalUpdates - warmupUpdates));
    case 'cosine': {
      const progress = (update - warmupUpdates) / Math.max(1, totalUpdates - warmupUpdates);
      return peakLearningRate * Math.max(0, 0.5 * (1 + cos(Math.PI * progress)));
    }
    default:
      return schedule satisfies never;
  }
}
