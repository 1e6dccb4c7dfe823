import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { ProblemError } from '../../problem-error.js';
import type { ExampleSums } from './example-sums.js';

/** What two graphs of the same model may differ by: of a log-probability, in nats, and of its size. */
const tolerance = { absolute: 1e-2, relative: 1e-4 };

type Sums = Pick<ExampleSums, 'policy' | 'reference'>;

/**
 * Checks that a model that is its own reference is that before the first update: otherwise the log-ratios are of
 * something else, and the loss does not begin where it has to (DPO at ln 2).
 * @throws ProblemError REFERENCE_DIFFERS
 */
export function requireSame(sums: readonly Sums[]): void {
  for (const { policy, reference } of sums) {
    for (const [side, value] of policy.entries()) {
      const gap = Math.abs(value - reference[side]!);
      if (gap <= tolerance.absolute + tolerance.relative * Math.abs(reference[side]!)) continue;
      throw new ProblemError({
        path: ['method', 'preferenceOptimization', 'referenceModelId'],
        code: 'REFERENCE_DIFFERS',
        message: `the model is its own reference, yet before the first update it gives an answer the log-probability ${value.toFixed(4)} and the reference ${reference[side]!.toFixed(4)}: their ratio would have to be 0`,
        hint: 'Train from the model in a form that both read alike, for instance without `frozenWeights` of few bits; report it if that does not help.',
      });
    }
  }
}

/**
 * How far a model is from another one that is its reference before the first update, as a line of the log.
 * @param sums of the validation split, at least one example
 */
export function describeStart(sums: readonly Sums[], objective: Pick<PreferenceObjective, 'kind'>): string {
  const ratios = sums.flatMap(({ policy, reference }) => policy.map((value, side) => value - reference[side]!));
  const mean = ratios.reduce((sum, ratio) => sum + ratio / ratios.length, 0);
  const begins = objective.kind === 'dpo' ? ', so that the loss does not begin where equal models have it' : '';
  return (
    'The reference is another model than the one that is trained: before the first update, the mean ln of the ratio ' +
    `of the probabilities that they give an answer is ${mean.toFixed(3)}${begins}`
  );
}
