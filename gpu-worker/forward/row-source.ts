import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { lengthsThatOccur } from '../../src/protocol/length-buckets.js';
import type { Batch } from '../data/batch-plan.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { DynamicInputSpec, Feeds, Tensors } from '../engine/types.js';
import { type ChunkedTargets, chunksFor } from '../losses/target-chunks.js';
import { takeRows } from '../nn/take-rows.js';
import type { ExampleSource } from './example-source.js';

/** The name of the dynamic dimension M: targets of a chunk. */
export const targetsDimension = 'targets';

/**
 * Rows of tokens, as a compiled graph is fed with them: ids and mask [B,T] and, where rows hold several sequences,
 * segments and places [B,T].
 */
export function rowSource(rows: TokenRows): ExampleSource {
  const { segments, lengths } = rows;
  return {
    lengths,
    buckets: lengthsThatOccur(lengths),
    inputs: (batchSize, length) => ({
      ids: { shape: [batchSize, length], dtype: 'int32' },
      mask: { shape: [batchSize, length], dtype: 'float32' },
      ...(segments === null
        ? {}
        : {
            segments: { shape: [batchSize, length], dtype: 'int32' },
            places: { shape: [batchSize, length], dtype: 'int32' },
          }),
    }),
    feeds({ examples, length: T }, batchSize) {
      const ids = new Int32Array(batchSize * T);
      const mask = new Float32Array(batchSize * T);
      const ofSegments = segments === null ? null : new Int32Array(batchSize * T);
      const places = segments === null ? null : new Int32Array(batchSize * T);
      for (const [index, row] of examples.entries()) {
        const [start, end, at] = [rows.offsets[row]!, rows.offsets[row + 1]!, index * T];
        ids.set(rows.ids.subarray(start, end), at);
        mask.fill(1, at, at + end - start);
        if (segments === null) continue;
        ofSegments!.set(segments.subarray(start, end), at);
        let first = start;
        for (let token = start; token < end; token++) {
          if (segments[token] !== segments[first]) first = token;
          places![at + token - start] = token - first;
        }
      }
      const feeds: Feeds = { ids, mask };
      return ofSegments === null ? feeds : { ...feeds, segments: ofSegments, places: places! };
    },
  };
}

/** How the targets of batches of rows are fed: in K chunks, which never hold more than some logits. */
export interface TargetLayout {
  readonly chunks: number;
  readonly vocabularySize: number;
}

/** The chunks for batches of `batchSize` rows. @param targetCounts targets of each row, or about as many */
export function layTargetsOut(
  { targetCounts }: { readonly targetCounts: Int32Array },
  batchSize: number,
  vocabularySize: number,
): TargetLayout {
  const mostOfRow = targetCounts.reduce((most, count) => Math.max(most, count), 1);
  return { chunks: chunksFor(batchSize * mostOfRow, vocabularySize), vocabularySize };
}

/**
 * The inputs of a batch's targets: `rows` and `slots` as `takeRows` has them, and those of `ChunkedTargets`, [K,M].
 */
export function targetInputs(
  { chunks }: TargetLayout,
  batchSize: number,
  length: number | string,
): Readonly<Record<string, DynamicInputSpec>> {
  const shape = [chunks, targetsDimension];
  return {
    rows: { shape, dtype: 'int32' },
    slots: { shape: [batchSize, length], dtype: 'int32' },
    targets: { shape, dtype: 'int32' },
    picks: { shape, dtype: 'int32' },
    weights: { shape, dtype: 'float32' },
  };
}

/** A batch's targets as they are fed. */
export interface FedTargets {
  readonly feeds: Feeds;
  /** Targets of a chunk, M. */
  readonly perChunk: number;
  /** Targets of the batch; the first of K·M. */
  readonly count: number;
}

/**
 * A batch's targets: each is predicted from the state of the token before it, a masked one from its own.
 * @param weight of each target in the loss
 */
export function feedTargets(
  rows: TokenRows,
  { examples, length: T }: Batch,
  batchSize: number,
  { chunks: K, vocabularySize: V }: TargetLayout,
  weight: number,
): FedTargets {
  const count = examples.reduce((sum, row) => sum + rows.targetCounts[row]!, 0);
  const M = Math.max(1, Math.ceil(count / K));
  const fed = {
    rows: new Int32Array(K * M),
    slots: new Int32Array(batchSize * T).fill(K * M),
    targets: new Int32Array(K * M),
    picks: new Int32Array(K * M),
    weights: new Float32Array(K * M),
  };
  const labels = rows.labels ?? rows.ids;
  const back = rows.labels === null ? 1 : 0;
  let slot = 0;
  for (const [index, row] of examples.entries()) {
    const [start, end] = [rows.offsets[row]!, rows.offsets[row + 1]!];
    for (let token = start; token < end; token++) {
      if (rows.isTarget[token] === 0) continue;
      const state = index * T + token - start - back;
      fed.rows[slot] = state;
      fed.slots[state] = slot;
      fed.targets[slot] = labels[token]!;
      fed.weights[slot] = weight;
      slot += 1;
    }
  }
  for (let each = 0; each < K * M; each++) fed.picks[each] = (each % M) * V + fed.targets[each]!;
  return { feeds: fed, perChunk: M, count };
}

/** The states that targets are predicted from [K·M,H], and the targets: from states [B·T,H] of a batch's tokens. */
export function atTargets(
  states: Tensor,
  inputs: Tensors,
): { readonly taken: Tensor; readonly targets: ChunkedTargets } {
  const { rows, slots, targets, picks, weights } = inputs as Readonly<Record<string, Tensor>>;
  const taken = takeRows(states, flat(rows!), flat(slots!));
  return { taken, targets: { targets: targets!, picks: picks!, weights: weights! } };
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
