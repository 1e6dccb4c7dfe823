import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { AdamWOptions } from '../optim/coefficients.js';
import { learningRate } from '../optim/schedules.js';

/** AdamW's options for the update after `updates` of `totalUpdates`. */
export function adamwOptions(h: Hyperparameters, updates: number, totalUpdates: number): AdamWOptions {
  return {
    learningRate: learningRate(
      {
        schedule: h.schedule,
        peakLearningRate: h.learningRate,
        warmupUpdates: Math.ceil(h.warmupRatio * totalUpdates),
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
