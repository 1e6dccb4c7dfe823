import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { AdamWOptions } from '../optim/coefficients.js';
import { learningRate } from '../optim/schedules.js';

/**
 * AdamW's options for the update after `updates` of `totalUpdates`. The first update of a warm-up has rate 0, so that
 * the last one is never part of it: a run of one update learns at the full rate.
 */
export function adamwOptions(h: Hyperparameters, updates: number, totalUpdates: number): AdamWOptions {
  return {
    learningRate: learningRate(
      {
        schedule: h.schedule,
        peakLearningRate: h.learningRate,
        warmupUpdates: Math.min(Math.ceil(h.warmupRatio * totalUpdates), totalUpdates - 1),
        totalUpdates,
      },
      updates,
    ),
    beta1: h.beta1,
    beta2: h.beta2,
    epsilon: h.epsilon,
    weightDecay: h.weightDecay,
    maxGradientNorm: h.maxGradientNorm,
  };
}
