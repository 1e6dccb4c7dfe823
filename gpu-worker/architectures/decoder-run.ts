import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rotations } from '../nn/rotate.js';

/** What all layers of a decoder read beside the states. */
export interface DecoderPlaces {
  /** Bias on attention scores, [T,T], or [B,1,T,T] for rows of several texts. */
  readonly bias: Tensor;
  /** Null for a family whose embeddings tell the places. */
  readonly rotations: Rotations | null;
}
