import { add, gather, matMul, mul, reshape, slice, sum, type Tensor } from '@tensorflow/tfjs-core';
import { mostLogitsAtOnce } from '../../src/protocol/training-memory.js';

/** The chunks that a batch's targets are divided into, so that the logits of each are few enough. */
export function chunksFor(mostTargets: number, vocabularySize: number): number {
  return Math.max(1, Math.ceil((mostTargets * vocabularySize) / mostLogitsAtOnce));
}

/** Targets in K chunks of M, all int32 or float32 [K,M]. A chunk is filled up with targets of weight 0. */
export interface ChunkedTargets {
  /** Token ids. */
  readonly targets: Tensor;
  /** Where the target's logit stands in the chunk's logits, row by row: i · V + target for the chunk's i-th target. */
  readonly picks: Tensor;
  readonly weights: Tensor;
}

/** What logits are made with: table [V,H] and, where the model has one, bias [V]. */
export interface LogitTable {
  readonly table: Tensor;
  readonly bias?: Tensor | undefined;
}

/** rows [M,H] → logits [M,V]. */
export function logitsOf(rows: Tensor, { table, bias }: LogitTable): Tensor {
  const logits = matMul(rows, table, false, true);
  return bias === undefined ? logits : add(logits, bias);
}

/** The rows of one of K chunks: x [K·M,H] → [M,H]. */
export function rowsOfChunk(x: Tensor, chunk: number, K: number): Tensor {
  const [all = 0, H = 0] = x.shape;
  const M = all / K;
  return K === 1 ? x : reshape(slice(reshape(x, [K, M, H]), [chunk, 0, 0], [1, M, H]), [M, H]);
}

/** One chunk of values [K,M] → [M]. */
export function ofChunk(values: Tensor, chunk: number): Tensor {
  const M = values.shape[1]!;
  return reshape(slice(values, [chunk, 0], [1, M]), [M]);
}

/** values [M,V] at flat places [M] → [M]. */
export function pick(values: Tensor, places: Tensor): Tensor {
  return gather(reshape(values, [values.size]), places);
}

/**
 * The same rows, which are there only when `others` [·,·] are: their first number times zero is added. A runtime, which
 * may choose any order, would keep the logits of all chunks otherwise.
 */
export function waitFor(others: readonly Tensor[], rows: Tensor): Tensor {
  return others.reduce((waiting, other) => add(waiting, mul(sum(slice(other, [0, 0], [1, 1])), 0)), rows);
}
