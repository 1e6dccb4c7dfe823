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
  stack,
  sub,
  sum,
  type Tensor,
  unsortedSegmentSum,
} from '@tensorflow/tfjs-core';
import { withGradient } from '../nn/with-gradient.js';
import {
  type ChunkedTargets,
  type LogitTable,
  logitsOf,
  ofChunk,
  pick,
  rowsOfChunk,
  waitFor,
} from './target-chunks.js';

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
  const V = table.shape[0]!;
  return withGradient(bias === undefined ? [x, table] : [x, table, bias], () => {
    const losses: Tensor[] = [];
    const ofX: Tensor[] = [];
    let ofTable: Tensor | null = null;
    let ofBias: Tensor | null = null;
    let done: Tensor[] = [];
    for (let chunk = 0; chunk < K; chunk++) {
      const rows = waitFor(done, rowsOfChunk(x, chunk, K)); //                                  [M,H]
      const w = reshape(ofChunk(weights, chunk), [M, 1]);
      const logProbabilities = logSoftmax(logitsOf(rows, { table, bias }), -1); //         [M,V]
      const picked = pick(logProbabilities, ofChunk(picks, chunk)); //                     [M]
      losses.push(neg(sum(mul(picked, reshape(w, [M])))));

      const p = exp(logProbabilities); //                                                  [M,V]
      const wanted = gather(table, ofChunk(targets, chunk)); //                            [M,H]
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
}

/**
 * How probable each target is, without gradients: x [K·M,H] → log softmax of its logits at the target [K,M] in nats,
 * and 1 where no other token is more probable, else 0 [K,M].
 */
export function targetLogProbabilities(
  x: Tensor,
  table: LogitTable,
  { targets, picks }: Pick<ChunkedTargets, 'targets' | 'picks'>,
): { readonly logProbabilities: Tensor; readonly right: Tensor } {
  const K = targets.shape[0]!;
  const [all, right] = [[] as Tensor[], [] as Tensor[]];
  for (let chunk = 0; chunk < K; chunk++) {
    const logits = logitsOf(rowsOfChunk(x, chunk, K), table); //                           [M,V]
    all.push(pick(logSoftmax(logits, -1), ofChunk(picks, chunk)));
    const best = cast(argMax(logits, -1), 'int32'); //                                     [M]
    right.push(cast(equal(best, ofChunk(targets, chunk)), 'float32'));
  }
  return { logProbabilities: stack(all), right: stack(right) };
}
