import type { Tensor } from '@tensorflow/tfjs-core';
import type { PastTokens } from '../nn/attend-past.js';
import type { Rotations } from '../nn/rotate.js';

/** What all layers of a decoder read beside the states. */
export interface DecoderPlaces {
  /** Bias on attention scores, [T,T], or [B,1,T,T] for rows of several texts; [B,1,T,C+T] beside past tokens. */
  readonly bias: Tensor;
  /** Null for a family whose embeddings tell the places. */
  readonly rotations: Rotations | null;
  /** The tokens before those that are computed now, whose keys and values are kept. Absent: there are none. */
  readonly past?: KeptTokens | JoinedTokens;
}

/** What a layer has of the tokens before, and where it leaves those of the new ones. */
interface KeptTokens extends PastTokens {
  /** Keys and values of the new tokens, [B,K,T,D] both. */
  keep(keys: Tensor, values: Tensor): void;
}

/** Earlier tokens whose keys and values stand with those of the new ones in one tensor. */
interface JoinedTokens {
  /** Keys and values of the new tokens, [B,K,T,D] both, after those of P earlier ones: [B,K,P+T,D]. */
  join(keys: Tensor, values: Tensor): { readonly keys: Tensor; readonly values: Tensor };
}
