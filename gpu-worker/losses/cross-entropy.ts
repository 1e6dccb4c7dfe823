import {
  cast,
  div,
  exp,
  logSoftmax,
  maximum,
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
}

/**
 * The target of an example that has no label: the example adds nothing to the loss or to its divisor. PyTorch's
 * `ignore_index`.
 */
export const noTarget = -100;

/**
 * Weighted mean of −log softmax(logits)[target] over the labelled examples, in nats: logits [N,C], targets int32 [N] →
 * scalar. The values are PyTorch's, except for a batch without any label: 0 with zero gradient, where PyTorch divides 0
 * by 0.
 *
 * Backward in one step: softmax · Σ a − a, where a is the matrix of `weightedTargets`.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  return withGradient([logits], () => {
    const weighted = weightedTargets(logits.shape[1]!, targets, options.classWeights); // [N,C]
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

/**
 * a [N,C]: the class weight of each example's target, divided by the sum of these weights, in the target's column. All
 * other cells are 0, as are the rows of examples without a label.
 */
function weightedTargets(classes: number, targets: Tensor, classWeights: Tensor | undefined): Tensor {
  const labelled = isLabel(targets); //                                            [N]
  const safeTargets = mul(targets, cast(labelled, 'int32')); //                    class 0 stands in for a missing label
  const chosen = mul(oneHot(safeTargets, classes, 1, 0, 'float32'), reshape(labelled, [-1, 1])); // [N,C]
  const chosenWeights = classWeights === undefined ? chosen : mul(chosen, classWeights); //         [N,C]
  return div(chosenWeights, maximum(sum(chosenWeights), 1e-30));
}

function isLabel(targets: Tensor): Tensor {
  return cast(notEqual(targets, noTarget), 'float32');
}
