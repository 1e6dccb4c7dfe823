import { type Batch, planByTokens } from '../../data/batch-plan.js';
import { type OnlineDpoLoss, onlineDpoLoss } from '../../losses/policy/online-dpo-loss.js';
import { type CompletionLoss, type PolicyRows, valuesOfBatch } from './completion-step.js';

/**
 * The loss of pairs of completions, rows 2p and 2p + 1, of which the one with an advantage above 0 is chosen. The mean
 * over pairs is the update's loss.
 *
 * @param B rows of a batch, an even number
 */
export function pairLoss(loss: OnlineDpoLoss, B: number): CompletionLoss {
  const P = B / 2;
  return {
    inputs: (shape) => ({
      reference: { shape, dtype: 'float32' },
      signs: { shape, dtype: 'float32' },
      pairOf: { shape, dtype: 'int32' },
      pairWeights: { shape: [P], dtype: 'float32' },
      betas: { shape: [P], dtype: 'float32' },
    }),
    loss: (logProbabilities, fed) =>
      onlineDpoLoss(
        {
          logProbabilities,
          reference: fed.reference!,
          signs: fed.signs!,
          pairOf: fed.pairOf!,
          pairWeights: fed.pairWeights!,
          betas: fed.betas!,
        },
        loss,
        P,
      ),
    batches: (rows) => batchesOfPairs(rows, P),
    feeds(rows) {
      const all = rows.tokens.lengths.length / 2;
      const beta = rows.beta;
      if (beta === null) throw new RangeError('pairs are compared with a β');
      return (batch, count) => {
        const pairOf = new Int32Array(count);
        const pairWeights = new Float32Array(P);
        let target = 0;
        for (const [index, row] of batch.examples.entries()) {
          const length = rows.tokens.targetCounts[row]!;
          const pair = index >> 1;
          pairOf.fill(pair, target, target + length);
          pairWeights[pair] = 1 / all;
          target += length;
        }
        return {
          reference: valuesOfBatch(rows.reference!, rows, batch, count),
          signs: valuesOfBatch(rows.advantages, rows, batch, count),
          pairOf,
          pairWeights,
          betas: new Float32Array(P).fill(beta),
        };
      };
    },
  };
}

/** Batches of up to P pairs, whose rows stay together. */
function batchesOfPairs({ tokens }: Pick<PolicyRows, 'tokens'>, P: number): Batch[] {
  const pairs = tokens.lengths.length / 2;
  const lengths = Int32Array.from({ length: pairs }, (_, pair) =>
    Math.max(tokens.lengths[2 * pair]!, tokens.lengths[2 * pair + 1]!),
  );
  return planByTokens(lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: P }).map(({ examples, length }) => ({
    examples: Int32Array.from([...examples].flatMap((pair) => [2 * pair, 2 * pair + 1])),
    length,
  }));
}
