import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { ProblemError } from '../problem-error.js';

/** Ends a training that diverged. Errors: ProblemError NON_FINITE_LOSS, with a hint at what usually cures it. */
export function refuseNonFinite(
  values: Readonly<Record<string, number>>,
  step: number,
  { learningRate, maxGradientNorm }: Pick<Hyperparameters, 'learningRate' | 'maxGradientNorm'>,
): void {
  const diverged = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (diverged === undefined) return;
  const [name, value] = diverged;
  throw new ProblemError({
    path: ['hyperparameters', 'learningRate'],
    code: 'NON_FINITE_LOSS',
    message: `the ${name} became ${value} at step ${step}, with learning rate ${learningRate}: training diverged`,
    hint:
      `Lower learningRate to a third or a tenth` +
      (maxGradientNorm === null ? ', or clip gradients with maxGradientNorm 1.' : ', or lengthen the warm-up.'),
  });
}
