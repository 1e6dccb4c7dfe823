import { fill } from '@tensorflow/tfjs-core';
import type { TrainingRandomness } from '../engine/types.js';

/** The randomness of models outside training: dropout lets everything pass. */
export const withoutDropout: TrainingRandomness = {
  dropout: (x) => x,
  dropoutMask: (shape) => fill([...shape], 1),
};
