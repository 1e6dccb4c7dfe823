import type { Problem } from '../../src/protocol/run-event.js';
import type { ClassWeights } from '../../src/protocol/run-spec.js';
import { noTarget } from '../losses/cross-entropy.js';
import { ProblemError } from '../problem-error.js';

/**
 * Weight of each class in the loss [C].
 * `balanced` is scikit-learn's N / (C · count of the class) over the labelled training examples, and 1 for a class without one.
 * Classes that `explicit` does not name weigh 1. Errors: ProblemError UNKNOWN_LABEL.
 */
export function weighClasses(
  weights: ClassWeights,
  labels: readonly string[],
  targets: Int32Array,
  path: Problem['path'],
): Float32Array {
  const classWeights = new Float32Array(labels.length).fill(1);
  switch (weights.kind) {
    case 'none':
      return classWeights;
    case 'balanced': {
      const labelled = targets.filter((target) => target !== noTarget);
      return classWeights.map((_, c) => {
        const count = labelled.reduce((total, target) => total + (target === c ? 1 : 0), 0);
        return count === 0 ? 1 : labelled.length / (labels.length * count);
      });
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
