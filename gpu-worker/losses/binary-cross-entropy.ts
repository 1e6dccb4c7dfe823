import {
  abs,
  add,
  div,
  exp,
  log1p,
  maximum,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { withGradient } from '../nn/with-gradient.js';

export interface BinaryCrossEntropyOptions {
  /** [N] 1, or 0 for an example whose labels are not known, which adds nothing to the loss or to its divisor. */
  readonly present: Tensor;
  /** Factor of each label's loss where the label is present [C], as `torch.nn.BCEWithLogitsLoss(pos_weight)`. */
  readonly positiveWeights?: Tensor;
}

/**
 * Mean over the present examples and all labels of w · y · −log σ(x) + (1 − y) · −log(1 − σ(x)), in nats: logits x
 * [N,C], targets y [N,C] of 0 or 1 (float32) → scalar. The divisor is a count, which the weights w do not change. The
 * values are those of PyTorch's BCEWithLogitsLoss, which transformers takes for `multi_label_classification`. A batch
 * without any present example is an exception: it has loss 0 and zero gradient, where PyTorch divides 0 by 0.
 *
 * −log σ(x) is computed as log(1 + e^−|x|) + max(−x, 0), which neither overflows nor cancels. The gradient of a cell,
 * before the mean's division, is (w·y + 1 − y) · σ(x) − w·y.
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: BinaryCrossEntropyOptions): Tensor {
  const { present, positiveWeights } = options;
  return withGradient([logits], () => {
    const labelCount = logits.shape[1]!;
    const share = div(present, mul(maximum(sum(present), 1), labelCount)); //            [N]
    const factor = reshape(share, [-1, 1]); //                                           [N,1]
    const ofPositives = positiveWeights === undefined ? targets : mul(targets, positiveWeights);
    const positive = mul(ofPositives, factor); //                                        [N,C]
    const negative = mul(sub(1, targets), factor); //                                    [N,C]
    const both = add(positive, negative);
    const nearZero = mul(both, log1p(exp(neg(abs(logits)))));
    const beyond = add(mul(positive, relu(neg(logits))), mul(negative, relu(logits)));
    return {
      value: sum(add(nearZero, beyond)),
      saved: [logits, positive, both],
      gradients: (dy, saved) => {
        const [logits, positive, both] = saved as [Tensor, Tensor, Tensor];
        return [mul(dy, sub(mul(both, sigmoid(logits)), positive))];
      },
    };
  });
}
