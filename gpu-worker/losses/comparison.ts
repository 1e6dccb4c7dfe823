import {
  abs,
  add,
  exp,
  log1p,
  matMul,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  sub,
  sum,
  type Tensor,
  tensor2d,
} from '@tensorflow/tfjs-core';
import { withGradient } from '../nn/with-gradient.js';

/** What is said of B pairs. */
export interface Compared {
  /** w [B]: factors of the pairs' losses; 0 in rows without a pair. */
  readonly weights: Tensor;
  /** m [B]: by how much the better answer's reward is to exceed the other's. */
  readonly margins: Tensor;
  /** p [B]: how likely the first answer is the better one; 1 where that is certain. */
  readonly shares: Tensor;
}

/**
 * The loss of Bradley and Terry (1952), as reward models have it (Ouyang et al. 2022, arXiv:2203.02155): rewards [B,2]
 * of the better answers and the others → Σ w [−p log σ(d − m) − (1 − p) log σ(−d − m) + η s²], with d the difference
 * of both rewards and s their sum (η: Eisenstein et al. 2023, arXiv:2312.09244). With weights of 1/B and p = 1 it is
 * TRL's.
 *
 * −log σ(x) is computed as log(1 + e^−|x|) + max(−x, 0), which neither overflows nor cancels.
 */
export function comparisonLoss(
  rewards: Tensor,
  { weights: w, margins: m, shares: p }: Compared,
  centring: number,
): Tensor {
  return withGradient([rewards], () => {
    const B = rewards.shape[0]!;
    const d = reshape(matMul(rewards, tensor2d([[1], [-1]])), [B]);
    const s = reshape(matMul(rewards, tensor2d([[1], [1]])), [B]);
    const other = sub(1, p);
    const [reached, missed] = [sub(m, d), add(m, d)];
    const ranking = add(mul(p, softplus(reached)), mul(other, softplus(missed)));
    return {
      value: sum(mul(w, add(ranking, mul(centring, mul(s, s))))),
      saved: [reached, missed, s, w, p],
      gradients: (dy, saved) => {
        const [reached, missed, s, w, p] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const byDifference = sub(mul(sub(1, p), sigmoid(missed)), mul(p, sigmoid(reached)));
        const bySum = mul(2 * centring, s);
        const ofFirst = mul(w, add(bySum, byDifference));
        const ofSecond = mul(w, sub(bySum, byDifference));
        return [mul(dy, add(beside(ofFirst, [1, 0]), beside(ofSecond, [0, 1])))];
      },
    };
  });
}

/**
 * The same of single answers, of which each is good or not: rewards [B] → Σ w [−y log σ(r) − (1 − y) log σ(−r) + η r²].
 *
 * @param verdicts y [B]: 1 of a good answer, else 0
 */
export function verdictLoss(rewards: Tensor, weights: Tensor, verdicts: Tensor, centring: number): Tensor {
  return withGradient([rewards], () => {
    const ranking = add(mul(verdicts, softplus(neg(rewards))), mul(sub(1, verdicts), softplus(rewards)));
    return {
      value: sum(mul(weights, add(ranking, mul(centring, mul(rewards, rewards))))),
      saved: [rewards, weights, verdicts],
      gradients: (dy, saved) => {
        const [r, w, y] = saved as [Tensor, Tensor, Tensor];
        return [mul(dy, mul(w, add(sub(sigmoid(r), y), mul(2 * centring, r))))];
      },
    };
  });
}

/** log(1 + eˣ) */
function softplus(x: Tensor): Tensor {
  return add(relu(x), log1p(exp(neg(abs(x)))));
}

/** [B] → [B,2]: in the column that is 1, and 0 in the other. */
function beside(column: Tensor, place: readonly [number, number]): Tensor {
  return mul(reshape(column, [-1, 1]), tensor2d([[...place]]));
}
