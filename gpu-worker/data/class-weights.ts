import type { ClassWeights } from '../../src/protocol/heads.js';
import { noTarget } from '../losses/cross-entropy.js';
import { ProblemError } from '../problem-error.js';

/**
 * The weight of each class in the loss, [C].
 * `balanced` is scikit-learn's N / (C · count of the class) over the labelled training examples, and 1 for a class
 * without an example. Classes that `explicit` does not name weigh 1. Errors: ProblemError UNKNOWN_LABEL.
 */
export function weighClasses(
  weights: ClassWeights,
  labels: readonly string[],
  targets: Int32Array,
  path: readonly string[],
): Float32Array {
  const classWeights = new Float32Array(labels.length).fill(1);
  switch (weights.kind) {
    case 'none':
      return classWeights;
    case 'balanced': {
      const counts = new Uint32Array(labels.length);
      for (const target of targets) if (target !== noTarget) counts[target] = (counts[target] ?? 0) + 1;
      const labelled = counts.reduce((total, count) => total + count, 0);
      return Float32Array.from(counts, (count) => (count === 0 ? 1 : labelled / (labels.length * count)));
    }
    case 'explicit':
      for (const { label, weight } of weights.weights) {
        const c = labels.indexOf(label);
        if (c === -1) {
          throw new ProblemError({
            path: [...path, 'weights'],
            code: 'UNKNOWN_LABEL',
            message: `a class weight names the label “${label.slice(0, 80)}”, which the task does not have`,
            hint: `The task's labels: ${labels.slice(0, 20).join(', ')}${labels.length > 20 ? ', …' : ''}.`,
          });
        }
        classWeights[c] = weight;
      }
      return classWeights;
    default:
      return weights satisfies never;
  }
}

/**
 * The factor of each label's loss where the label is present, [C]: PyTorch's `pos_weight`. `balanced` is the number of
 * examples without the label / the number with it; 1 for a label that no example has, and 1 / the number of examples
 * for a label that all have. Labels that `explicit` does not name have 1. Errors: ProblemError UNKNOWN_LABEL.
 *
 * @param targets values [N,C] of 0 and 1; present [N], 1 where an example has labels, else 0
 */
export function weighLabels(
  weights: ClassWeights,
  labels: readonly string[],
  { values, present }: { readonly values: Float32Array; readonly present: Float32Array },
  path: readonly string[],
): Float32Array {
  if (weights.kind !== 'balanced') return weighClasses(weights, labels, new Int32Array(0), path);
  const C = labels.length;
  const examples = present.reduce((count, one) => count + one, 0);
  return Float32Array.from(labels, (_, c) => {
    let positives = 0;
    for (let row = 0; row < present.length; row++) positives += values[row * C + c] ?? 0;
    return positives === 0 ? 1 : (examples - positives) / positives || 1 / examples;
  });
}
