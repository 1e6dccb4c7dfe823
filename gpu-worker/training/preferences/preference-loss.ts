import { add, cast, equal, mul, neg, range, reshape, slice, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { type PreferenceObjective, sftWeightOf } from '../../../src/protocol/preference-objective.js';
import { tokenLogits } from '../../architectures/token-logits.js';
import { tokenStates } from '../../architectures/transformer.js';
import type { LossFunction, Tensors } from '../../engine/types.js';
import { tokensOf } from '../../forward/example-source.js';
import type { ModelPlan } from '../../forward/model-plan.js';
import { ktoLosses } from '../../losses/preference/kto.js';
import { pairLosses } from '../../losses/preference/pair-losses.js';
import { tokenLogProbabilities } from '../../losses/token-log-probabilities.js';
import { takeRows } from '../../nn/take-rows.js';
import { withoutDropout } from '../../nn/without-dropout.js';

/**
 * The loss of a batch of B examples: Σ weight · loss of the example's sums + Σ weight · loss of a token. Dropout is
 * off: it would make log-ratios noise. Metrics: the log-probability and the entropy of each target, [K,M].
 */
export function preferenceLoss(
  objective: PreferenceObjective,
  config: TransformerConfig,
  plan: Pick<ModelPlan, 'reading' | 'lora'>,
  B: number,
): LossFunction {
  const run = { ...plan.reading, random: withoutDropout };
  return (weights, inputs) => {
    const states = tokenStates(weights, tokensOf(inputs), config, run);
    const taken = takeRows(states, flat(inputs.rows!), flat(inputs.slots!));
    const { rows, table } = tokenLogits(weights, taken, config, run);
    const targets = { targets: inputs.targets!, picks: inputs.picks! };
    const options = { trainsTable: plan.lora === null, entropies: true };
    const { logProbabilities, entropies } = tokenLogProbabilities(rows, table, targets, options);
    const sums = sumByPlace(logProbabilities, inputs);
    const ofExamples = sum(mul(exampleLosses(objective, sums, inputs, B), inputs.exampleWeights!));
    const loss =
      sftWeightOf(objective) === 0 ? ofExamples : add(ofExamples, neg(sum(mul(logProbabilities, inputs.weights!))));
    return { loss, metrics: { logProbabilities, entropies: entropies! } };
  };
}

/** Weighted sums of log-probabilities [K,M] by their texts → [W·B]. */
function sumByPlace(logProbabilities: Tensor, { sumPlaces, sumWeights, tokenCounts }: Tensors): Tensor {
  const texts = tokenCounts!.size;
  const all = reshape(range(0, texts, 1, 'int32'), [1, texts]);
  const isOf = cast(equal(reshape(sumPlaces!, [sumPlaces!.size, 1]), all), 'float32'); // [K·M,W·B]
  const weighted = reshape(mul(logProbabilities, sumWeights!), [logProbabilities.size, 1]);
  return sum(mul(isOf, weighted), 0);
}

/**
 * The loss of each example: sums [W·B], the first B of better or single answers, and the inputs of `sumInputs` → [B].
 */
export function exampleLosses(objective: PreferenceObjective, sums: Tensor, inputs: Tensors, B: number): Tensor {
  const { referenceSums, tokenCounts, certainties, strengths, areGood, baseline } = inputs as Record<string, Tensor>;
  if (objective.kind === 'kto') {
    return ktoLosses(objective, {
      answer: sums,
      reference: referenceSums!,
      isGood: areGood!,
      baseline: baseline!,
    });
  }
  const chosen = (of: Tensor) => slice(of, [0], [B]);
  const rejected = (of: Tensor) => slice(of, [B], [B]);
  return pairLosses(objective, {
    chosen: chosen(sums),
    rejected: rejected(sums),
    referenceChosen: chosen(referenceSums!),
    referenceRejected: rejected(referenceSums!),
    chosenTokens: chosen(tokenCounts!),
    rejectedTokens: rejected(tokenCounts!),
    certainty: certainties!,
    strength: strengths!,
  });
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
