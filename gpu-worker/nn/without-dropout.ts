import { fill } from '@tensorflow/tfjs-core';
import type { TrainingRandomness } from '../engine/types.js';

/** What models are given outside training: dropout passes everything. */
export const withoutDropout: TrainingRandomness = {
  dropout: (x) => x,
  dropoutMask: (shape) => fill([...shape], 1),
};
