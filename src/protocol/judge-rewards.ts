import type { RewardScores } from './evaluation-scores.js';
import type { Finding } from './findings.js';

/** What the scores of a reward model say: that it is not above chance, or that it follows the length of answers. */
export function judgeRewards(scores: RewardScores): Finding[] {
  return [...findChance(scores), ...findLength(scores)];
}

function findChance({ task, exampleCount: pairs, right, interval }: RewardScores): Finding[] {
  return interval.low > 0.5 ? [] : [{ code: 'REWARD_NOT_ABOVE_CHANCE', task, pairs, right, ...interval }];
}

/**
 * A reward model that prefers the longer answer, or the shorter one, also where people do not: on the pairs where they
 * prefer the other kind, it is below chance by its whole interval.
 */
function findLength({ task, byLength, lengthCorrelation }: RewardScores): Finding[] {
  return byLength.flatMap(({ chosenIs, pairs, right, low, high }): Finding[] => {
    if (chosenIs === 'alike' || low === null || high === null || high >= 0.5) return [];
    const prefers = chosenIs === 'shorter' ? ('longer' as const) : ('shorter' as const);
    return [{ code: 'REWARD_FOLLOWS_LENGTH', task, prefers, correlation: lengthCorrelation, pairs, right, low, high }];
  });
}
