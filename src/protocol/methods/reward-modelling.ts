import { z } from 'zod';
import { measuresOf, type RewardSpec, rewardTask } from '../heads.js';
import { PreferenceForm, requiredPreferenceColumns } from '../preference-form.js';
import { base, type TaskHead } from './common.js';
import { UnlearnableRows } from './instruction-tuning.js';

/** `pairs`: each comparison counts the same. `prompts`: each prompt does, however many comparisons it has. */
export const ComparisonWeighting = z.enum(['pairs', 'prompts']);
export type ComparisonWeighting = z.infer<typeof ComparisonWeighting>;

/** Largest factors of a reward model's loss: products with larger ones leave float32's range. */
export const largestRewardFactor = 1e6;

/**
 * Reward modelling (Bradley and Terry 1952; Ouyang et al. 2022, arXiv:2203.02155): a head gives a prompt with an answer
 * one number, which is higher for better answers.
 */
export const RewardModellingSpec = z.object({
  method: z.literal('rewardModelling'),
  ...base,
  preference: PreferenceForm,
  /**
   * By how much the reward of the chosen answer of the largest strength is to exceed the other's. Margins of other
   * strengths are in proportion, 0 where there is none (Touvron et al. 2023, arXiv:2307.09288). Null: none.
   */
  margin: z.number().positive().max(largestRewardFactor).nullable(),
  /** Factor η of (r_w + r_l)², which draws the mean of rewards to 0 (Eisenstein et al. 2023, arXiv:2312.09244). */
  centring: z.number().min(0).max(largestRewardFactor),
  weighting: ComparisonWeighting,
  /** A chat template in place of the model's own; null: the model's own, where it has one. Encoders read none. */
  chatTemplate: z.string().min(1).nullable(),
  /** What the template's `strftime_now` says, so that a run that is resumed reads the same texts. */
  templateTime: z.iso.datetime(),
  unlearnable: UnlearnableRows,
});
export type RewardModellingSpec = z.infer<typeof RewardModellingSpec>;

export function headsOf(): TaskHead<RewardSpec>[] {
  return [{ task: rewardTask, head: { kind: 'reward' }, path: [] }];
}

/** Keys of the metrics that are measured after each epoch. */
export function measuredBy(): string[] {
  return measuresOf('reward').map((measure) => `validation/${measure}`);
}

export function textColumnsOf({ preference }: Pick<RewardModellingSpec, 'preference'>): readonly string[] {
  return requiredPreferenceColumns(preference);
}
