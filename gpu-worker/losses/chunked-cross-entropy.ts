import {
  add,
  argMax,
  cast,
  concat,
  equal,
  exp,
  gather,
  logSoftmax,
  matMul,
  mul,
  neg,
  reshape,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  unsortedSegmentSum,
} from '@tensorflow/tfjs-core';
import { mostLogitsAtOnce } from '../../src/protocol/training-memory.js';
import { withGradient } from '../nn/with-gradient.js';

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

/**
 * The cross-entropy of tokens of a large vocabulary, Σ weight · −log softmax(x · tableᵀ + bias)[target], in nats: x
 * [K·M,H] → scalar. It equals the sum over all rows at once, and never holds more logits than a chunk's [M,V].
 *
 * The gradients of a chunk are made along with its loss, from the same logits, as in Liger kernels (Hsu et al. 2024,
 * arXiv:2410.10989), and each chunk waits for the one before it: otherwise a runtime, which may choose any order, would
 * keep the logits of all. With p = softmax, and e the row of the target: dx = w (p · table − table[e]), d table =
 * pᵀ (w x) − the rows w x at e, d bias = pᵀ w − w at e. Cost 6 · K·M · V · H, of which a frozen table saves a third.
 */
export function chunkedCrossEntropy(
  x: Tensor,
  { table, bias }: LogitTable,
  { targets, picks, weights }: ChunkedTargets,
  { trainsTable }: { readonly trainsTable: boolean },
): Tensor {
  const [K = 0, M = 0] = targets.shape;
  const [V = 0, H = 0] = table.shape;
  return withGradient(bias === undefined ? [x, table] : [x, table, bias], () => {
    const losses: Tensor[] = [];
    const ofX: Tensor[] = [];
    let ofTable: Tensor | null = null;
    let ofBias: Tensor | null = null;
    let done: Tensor[] = [];
    for (let chunk = 0; chunk < K; chunk++) {
      const rows = waitFor(done, rowsOf(x, chunk, K)); //                                  [M,H]
      const w = reshape(slice(weights, [chunk, 0], [1, M]), [M, 1]);
      const logProbabilities = logSoftmax(logitsOf(rows, table, bias), -1); //             [M,V]
      const picked = pick(logProbabilities, slice(picks, [chunk, 0], [1, M])); //          [M]
      losses.push(neg(sum(mul(picked, reshape(w, [M])))));

      const p = exp(logProbabilities); //                                                  [M,V]
      const wanted = gather(table, reshape(slice(targets, [chunk, 0], [1, M]), [M])); //   [M,H]
      const dRows = mul(sub(matMul(p, table), wanted), w); //                              [M,H]
      ofX.push(dRows);
      const dTable: Tensor = matMul(p, mul(rows, w), true, false); //                      [V,H]
      ofTable = ofTable === null ? dTable : add(ofTable, dTable);
      const dBias: Tensor = reshape(matMul(p, w, true, false), [V]);
      ofBias = ofBias === null ? dBias : add(ofBias, dBias);
      done = trainsTable ? [dRows, ofTable] : [dRows];
    }
    const ids = reshape(targets, [K * M]);
    const w = reshape(weights, [K * M, 1]);
    return {
      value: losses.reduce((total, loss) => add(total, loss)),
      saved: [ofX.length === 1 ? ofX[0]! : concat(ofX, 0), ofTable!, ofBias!, x, w, ids],
      gradients: (dy, saved) => {
        const [ofX, ofTable, ofBias, x, w, ids] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
        const atTargets = unsortedSegmentSum(neg(mul(dy, mul(x, w))), ids as never, V); // [V,H]
        const gradients = [mul(dy, ofX), add(mul(dy, ofTable), atTargets)];
        if (bias === undefined) return gradients;
        const biasAtTargets = reshape(unsortedSegmentSum(neg(mul(dy, w)), ids as never, V), [V]);
        return [...gradients, add(mul(dy, ofBias), biasAtTargets)];
      },
    };
  });

  /** The same rows, which are there only when `others` are: their sum times zero is added. */
  function waitFor(others: readonly Tensor[], rows: Tensor): Tensor {
    return others.reduce((waiting, other) => add(waiting, mul(sum(slice(other, [0, 0], [1, 1])), 0)), rows);
  }

  function rowsOf(all: Tensor, chunk: number, chunks: number): Tensor {
    return chunks === 1 ? all : reshape(slice(reshape(all, [chunks, M, H]), [chunk, 0, 0], [1, M, H]), [M, H]);
  }
}

/**
 * How probable each target is, without gradients: x [K·M,H] → log softmax of its logits at the target [K,M] in nats,
 * and 1 where no other token is more probable, else 0 [K,M].
 */
export function targetLogProbabilities(
  x: Tensor,
  { table, bias }: LogitTable,
  { targets, picks }: Pick<ChunkedTargets, 'targets' | 'picks'>,
): { readonly logProbabilities: Tensor; readonly right: Tensor } {
  const [K = 0, M = 0] = targets.shape;
  const H = table.shape[1]!;
  const [all, right] = [[] as Tensor[], [] as Tensor[]];
  for (let chunk = 0; chunk < K; chunk++) {
    const rows = K === 1 ? x : reshape(slice(reshape(x, [K, M, H]), [chunk, 0, 0], [1, M, H]), [M, H]);
    const logits = logitsOf(rows, table, bias); //                                         [M,V]
    all.push(pick(logSoftmax(logits, -1), slice(picks, [chunk, 0], [1, M])));
    const best = cast(argMax(logits, -1), 'int32'); //                                     [M]
    right.push(cast(equal(best, reshape(slice(targets, [chunk, 0], [1, M]), [M])), 'float32'));
  }
  return { logProbabilities: stack(all), right: stack(right) };
}

function logitsOf(rows: Tensor, table: Tensor, bias: Tensor | undefined): Tensor {
  const logits = matMul(rows, table, false, true);
  return bias === undefined ? logits : add(logits, bias);
}

/** values [M,V] at flat places [1,M] → [M]. */
function pick(values: Tensor, places: Tensor): Tensor {
  return gather(reshape(values, [values.size]), reshape(places, [places.size]));
}
