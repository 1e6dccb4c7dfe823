/**
 * Advantages of completions: how much better each was rewarded than others of its prompt. Rewards come group by group,
 * G completions of one prompt after the other; a reward that could not be given is NaN, counts in no mean, and its
 * completion has the advantage 0. Standard deviations have Bessel's correction.
 */

/** What is added to a standard deviation that is divided by, as TRL has it. */
const epsilon = 1e-4;

/** What differences from a group's mean are divided by: the group's deviation, the update's, or nothing (Dr. GRPO). */
export type RewardScaling = 'group' | 'batch' | 'none';

/** A − mean of its group, scaled (Shao et al. 2024, arXiv:2402.03300, section 4.1.2): [R] → [R]. */
export function groupAdvantages(rewards: Float64Array, G: number, scaling: RewardScaling): Float64Array {
  const advantages = new Float64Array(rewards.length);
  const ofAll = deviation(rewards);
  for (let start = 0; start < rewards.length; start += G) {
    const group = rewards.subarray(start, start + G);
    const middle = mean(group);
    const scale = scaling === 'none' ? 1 : (scaling === 'group' ? deviation(group) : ofAll) + epsilon;
    for (const [index, reward] of group.entries()) advantages[start + index] = orZero((reward - middle) / scale);
  }
  return advantages;
}

/**
 * Several rewards, each standardized within its group before they are summed, and the sums over the update (GDPO): no
 * reward drowns in another's scale, and two that cancel in a sum still tell completions apart.
 *
 * @param bySource one array [R] for each reward, with its weight
 */
export function separateAdvantages(
  bySource: readonly { readonly weight: number; readonly values: Float64Array }[],
  G: number,
): Float64Array {
  const R = bySource[0]!.values.length;
  const sums = new Float64Array(R);
  const known = new Uint8Array(R);
  for (const { weight, values } of bySource) {
    for (let start = 0; start < R; start += G) {
      const group = values.subarray(start, start + G);
      const [middle, scale] = [mean(group), deviation(group) + epsilon];
      for (const [index, value] of group.entries()) {
        if (Number.isNaN(value)) continue;
        known[start + index] = 1;
        sums[start + index]! += (weight * (value - middle)) / scale;
      }
    }
  }
  for (let row = 0; row < R; row++) if (known[row] === 0) sums[row] = Number.NaN;
  return standardized(sums);
}

/**
 * The reward less the mean of the other completions' (RLOO, Kool et al. 2019; Ahmadian et al. 2024, arXiv:2402.14740):
 * an unbiased baseline that needs no value model.
 *
 * @param normalizes whether the advantages of the update get mean 0 and deviation 1 then (REINFORCE++)
 */
export function leaveOneOutAdvantages(rewards: Float64Array, G: number, normalizes: boolean): Float64Array {
  const advantages = new Float64Array(rewards.length);
  for (let start = 0; start < rewards.length; start += G) {
    const group = rewards.subarray(start, start + G);
    const known = group.filter((reward) => !Number.isNaN(reward));
    const sum = known.reduce((total, reward) => total + reward, 0);
    for (const [index, reward] of group.entries()) {
      advantages[start + index] = reward - (sum - reward) / (known.length - 1);
    }
  }
  return (normalizes ? standardized(advantages) : advantages).map(orZero);
}

/** +1 of the better completion of each pair, −1 of the other; 0 of both where neither is better: [R] → [R]. */
export function pairSigns(rewards: Float64Array): Float64Array {
  return rewards.map((reward, row) => orZero(Math.sign(reward - rewards[row ^ 1]!)));
}

/** Whether all rewards of each group are equal, so that they tell nothing apart: one value a group. */
export function equalGroups(rewards: Float64Array, G: number): boolean[] {
  return Array.from({ length: rewards.length / G }, (_, group) => {
    const known = rewards.subarray(group * G, (group + 1) * G).filter((reward) => !Number.isNaN(reward));
    return known.every((reward) => reward === known[0]);
  });
}

/** The mean of the values that are numbers; NaN of none. */
export function mean(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Their standard deviation with Bessel's correction; 0 of one. */
export function deviation(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < 2) return 0;
  const middle = mean(known);
  return Math.sqrt(known.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (known.length - 1));
}

function standardized(values: Float64Array): Float64Array {
  const [middle, scale] = [mean(values), deviation(values) + epsilon];
  return values.map((value) => orZero((value - middle) / scale));
}

function orZero(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
