import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rotations } from '../nn/rotate.js';

/** What all layers of a decoder read beside the states. */
export interface DecoderPlaces {
  /** [T], 0 … T − 1. */
  readonly places: Tensor;
  /** Bias on attention scores, [T,T]. */
  readonly bias: Tensor;
  /** Null for a family whose embeddings tell the places. */
  readonly rotations: Rotations | null;
}
