import {
  add,
  concat,
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
  zerosLike,
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

/** Log-probabilities of targets that a loss is made of. */
export interface TokenLogProbabilities {
  /** log softmax(x · tableᵀ + bias) at each target, in nats: [K,M]. */
  readonly logProbabilities: Tensor;
  /** The entropy of each target's distribution, −Σ p log p, in nats: [K,M]. It has no gradient. */
  readonly entropies: Tensor | null;
}

export interface TokenLogProbabilityOptions {
  /** Whether the table gets a gradient: the logits of each chunk are computed once more then, on the way back. */
  readonly trainsTable: boolean;
  /** Whether entropies are wanted too: one more pass over each chunk's logits. Default: false. */
  readonly entropies?: boolean;
}

/**
 * How probable each target is, with gradients, where a loss is any function of it: x [K·M,H] → log softmax of its
 * logits at the target [K,M]. It never holds more logits than a chunk's [M,V], as `chunkedCrossEntropy`, which is
 * cheaper where the loss is a weighted sum.
 *
 * With p = softmax, e the row of the target and g the gradient of its log-probability: dx = g (table[e] − p · table),
 * where all but g is made along with the value, d table = the rows g x at e − pᵀ (g x), d bias = g at e − pᵀ g. Cost
 * 4 · K·M · V · H, and twice that with a trained table. Targets that fill up a chunk have a value as well; a loss gives
 * them the weight 0.
 */
export function tokenLogProbabilities(
  x: Tensor,
  logits: LogitTable,
  { targets, picks }: Pick<ChunkedTargets, 'targets' | 'picks'>,
  { trainsTable, entropies: wantsEntropies = false }: TokenLogProbabilityOptions,
): TokenLogProbabilities {
  const { table, bias } = logits;
  const [K = 0, M = 0] = targets.shape;
  const both = withGradient(bias === undefined ? [x, table] : [x, table, bias], () => {
    const picked: Tensor[] = [];
    const entropies: Tensor[] = [];
    const ofX: Tensor[] = [];
    let done: Tensor[] = [];
    for (let chunk = 0; chunk < K; chunk++) {
      const rows = waitFor(done, rowsOfChunk(x, chunk, K)); //                   [M,H]
      const logProbabilities = logSoftmax(logitsOf(rows, logits), -1); //        [M,V]
      const p = exp(logProbabilities); //                                        [M,V]
      picked.push(pick(logProbabilities, ofChunk(picks, chunk)));
      const wanted = gather(table, ofChunk(targets, chunk)); //                  [M,H]
      const ofRows = sub(wanted, matMul(p, table)); //                           [M,H]
      ofX.push(ofRows);
      done = [ofRows, reshape(picked.at(-1)!, [M, 1])];
      if (wantsEntropies) {
        entropies.push(neg(sum(mul(p, logProbabilities), -1)));
        done.push(reshape(entropies.at(-1)!, [M, 1]));
      }
    }
    return {
      // One op has one value: entropies are stacked upon it.
      value: stack(wantsEntropies ? [stack(picked), stack(entropies)] : [stack(picked)]),
      saved: [K === 1 ? ofX[0]! : concat(ofX, 0), x, table, done.at(-1)!, ...(bias === undefined ? [] : [bias])],
      gradients: (dy, [ofX, x, table, last, bias]) => {
        const g = ofChunk(reshape(dy, [wantsEntropies ? 2 : 1, K * M]), 0); //   [K·M]
        const dx = mul(reshape(g, [K * M, 1]), ofX!);
        if (!trainsTable) {
          const none = [dx, zerosLike(table!)];
          return bias === undefined ? none : [...none, zerosLike(bias)];
        }
        const { ofTable, ofBias } = tableGradients(x!, { table: table!, bias }, targets, g, [ofX!, last!]);
        return bias === undefined ? [dx, ofTable] : [dx, ofTable, ofBias];
      },
    };
  });
  const part = (index: number) => reshape(ofChunk(reshape(both, [wantsEntropies ? 2 : 1, K * M]), index), [K, M]);
  return { logProbabilities: part(0), entropies: wantsEntropies ? part(1) : null };
}

/**
 * Gradients of the table [V,H] and the bias [V], for which each chunk's logits are made once more. A single chunk's are
 * the same as before, and the graph has them already.
 * @param g gradients of the log-probabilities [K·M]
 * @param made what the value's chunks ended with
 */
function tableGradients(
  x: Tensor,
  logits: LogitTable,
  targets: Tensor,
  g: Tensor,
  made: readonly Tensor[],
): { readonly ofTable: Tensor; readonly ofBias: Tensor } {
  const [K = 0, M = 0] = targets.shape;
  const V = logits.table.shape[0]!;
  const column = reshape(g, [K * M, 1]);
  const ids = reshape(targets, [K * M]);
  let ofTable: Tensor | null = null;
  let ofBias: Tensor | null = null;
  let done: readonly Tensor[] = K === 1 ? [] : [...made, column];
  for (let chunk = 0; chunk < K; chunk++) {
    const rows = waitFor(done, rowsOfChunk(x, chunk, K)); //                     [M,H]
    const p = exp(logSoftmax(logitsOf(rows, logits), -1)); //                    [M,V]
    const less = neg(rowsOfChunk(column, chunk, K)); //                          [M,1]
    const dTable: Tensor = matMul(p, mul(rows, less), true, false); //           [V,H]
    ofTable = ofTable === null ? dTable : add(ofTable, dTable);
    const dBias: Tensor = matMul(p, less, true, false); //                       [V,1]
    ofBias = ofBias === null ? dBias : add(ofBias, dBias);
    done = [ofTable, ofBias];
  }
  // Rows stay a term of their own, which leaves the graph without a table of zeros.
  return {
    ofTable: add(ofTable!, unsortedSegmentSum(mul(x, column), ids as never, V)),
    ofBias: reshape(add(ofBias!, unsortedSegmentSum(column, ids as never, V)), [V]),
  };
}
