import {
  add,
  cast,
  div,
  exp,
  logSoftmax,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  oneHot,
  reshape,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { withGradient } from '../nn/with-gradient.js';

export interface CrossEntropyOptions {
  /** Weight of each class [C], as `torch.nn.CrossEntropyLoss(weight)`: the mean is divided by the targets' weights. */
  readonly classWeights?: Tensor;
  /** ε: each target keeps 1 − ε and spreads ε over all classes (Szegedy et al. 2016, arXiv:1512.00567, section 7). */
  readonly labelSmoothing?: number;
}

/** The target of an example that has no label: it adds nothing to the loss or to its divisor. PyTorch's `ignore_index`. */
export const noTarget = -100;

/**
 * Weighted mean of −log softmax(logits)[target] over the labelled examples, in nats: logits [N,C], targets int32 [N] → scalar.
 * The values are PyTorch's, but for a batch without any label: 0 with zero gradient, where PyTorch divides 0 by 0.
 *
 * Backward in one step: softmax · Σ a − a, with a the targets' weighted distributions.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  return withGradient([logits], () => {
    const weighted = targetDistributions(logits.shape[1]!, targets, options); //   [N,C]
    const logProbabilities = logSoftmax(logits, -1); //                            [N,C]
    return {
      value: neg(sum(mul(weighted, logProbabilities))),
      saved: [logProbabilities, weighted],
      gradients: (dy, saved) => {
        const [logProbabilities, weighted] = saved as [Tensor, Tensor];
        const mass = sum(weighted, -1, true); //                                   [N,1]
        return [mul(dy, sub(mul(exp(logProbabilities), mass), weighted))];
      },
    };
  });
}

/** 1 if any of the targets [N] is a label, else 0: whether a batch says anything about a task. */
export function hasTargets(targets: Tensor): Tensor {
  return minimum(sum(isLabel(targets)), 1);
}

/** a [N,C]: what each example's −log probabilities are multiplied with, zero rows where there is no label. */
function targetDistributions(classes: number, targets: Tensor, options: CrossEntropyOptions): Tensor {
  const { classWeights, labelSmoothing = 0 } = options;
  const labelled = isLabel(targets); //                                            [N]
  const safeTargets = mul(targets, cast(labelled, 'int32')); //                    class 0 stands in where there is none
  const chosen = mul(oneHot(safeTargets, classes, 1, 0, 'float32'), reshape(labelled, [-1, 1])); // [N,C]
  const chosenWeights = classWeights === undefined ? chosen : mul(chosen, classWeights); //         [N,C]
  const divisor = maximum(sum(chosenWeights), 1e-30);
  if (labelSmoothing === 0) return div(chosenWeights, divisor);
  const everyClass = mul(reshape(labelled, [-1, 1]), labelSmoothing / classes); // [N,1]
  const spread = classWeights === undefined ? everyClass : mul(everyClass, classWeights);
  return div(add(mul(chosenWeights, 1 - labelSmoothing), spread), divisor);
}

function isLabel(targets: Tensor): Tensor {
  return cast(notEqual(targets, noTarget), 'float32');
}
