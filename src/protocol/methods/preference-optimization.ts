import { z } from 'zod';
import { PreferenceForm, requiredPreferenceColumns } from '../preference-form.js';
import { hasReference, PreferenceObjective } from '../preference-objective.js';
import { Sha256 } from '../sha256.js';
import { base } from './common.js';
import { UnlearnableRows } from './instruction-tuning.js';

/** Preference optimization: a decoder learns from judgements of answers, without writing any. */
export const PreferenceOptimizationSpec = z.object({
  method: z.literal('preferenceOptimization'),
  ...base,
  preference: PreferenceForm,
  objective: PreferenceObjective,
  /** The model that log-ratios are to; null where the objective has none. */
  referenceDigest: Sha256.nullable(),
  /** A chat template in place of the model's own; null: the model's own, where it has one. */
  chatTemplate: z.string().min(1).nullable(),
  /** What the template's `strftime_now` says, so that a run that is resumed reads the same texts. */
  templateTime: z.iso.datetime(),
  unlearnable: UnlearnableRows,
});
export type PreferenceOptimizationSpec = z.infer<typeof PreferenceOptimizationSpec>;

export function textColumnsOf({ preference }: Pick<PreferenceOptimizationSpec, 'preference'>): readonly string[] {
  return requiredPreferenceColumns(preference);
}

/**
 * What is measured of the preferences before the first update and after each epoch, in the order in which a person
 * reads it: whether the model tells better answers from worse, and by how much, before what that is made of.
 */
export const preferenceMeasures = [
  'rewardMargin',
  'accuracy',
  'loss',
  'chosenReward',
  'rejectedReward',
  'chosenLogProbability',
  'rejectedLogProbability',
  'tokenLogProbabilityMargin',
  'chosenLength',
  'rejectedLength',
  'rewardLengthCorrelation',
] as const;

/** Keys of the metrics that are measured before the first update and after each epoch. */
export function measuredBy({ objective }: { readonly objective: Pick<PreferenceObjective, 'kind'> }): string[] {
  const measures = hasReference(objective) ? [...preferenceMeasures, 'kl'] : preferenceMeasures;
  return measures.map((measure) => `validation/${measure}`);
}
