import type { Finding } from '../../../src/protocol/findings.js';
import type { PreferenceScores } from './preference-measures.js';

/** A token's divergence from the reference, in nats, above which a model has become another one. */
const farAway = 0.5;

/** Correlations of rewards with lengths that leave little for what the answers say. */
const strongCorrelation = 0.7;

/** Fewer examples than this show no correlation. */
const leastExamples = 20;

/**
 * What a person should know of a model that learned preferences: that better answers became less likely, that rewards
 * are lengths, or that it is far from its reference.
 *
 * @param before the scores of the split before the first update
 */
export function judgePreferences(
  split: string,
  before: PreferenceScores,
  after: PreferenceScores,
  examples: number,
): Finding[] {
  return [
    ...findLessLikely(split, before, after),
    ...findLengths(split, before, after, examples),
    ...(after.kl === null || after.kl <= farAway
      ? []
      : [{ code: 'FAR_FROM_REFERENCE', split, divergence: after.kl, mostDivergence: farAway } as const]),
  ];
}

function findLessLikely(split: string, before: PreferenceScores, after: PreferenceScores): Finding[] {
  const [chosenBefore, chosenAfter] = [before.chosenLogProbability, after.chosenLogProbability];
  const [rejectedBefore, rejectedAfter] = [before.rejectedLogProbability, after.rejectedLogProbability];
  if (chosenBefore === null || chosenAfter === null || rejectedBefore === null || rejectedAfter === null) return [];
  if (chosenAfter >= chosenBefore) return [];
  return [{ code: 'CHOSEN_LESS_LIKELY', split, chosenBefore, chosenAfter, rejectedBefore, rejectedAfter }];
}

function findLengths(
  split: string,
  before: PreferenceScores,
  { rewardLengthCorrelation: correlation }: PreferenceScores,
  examples: number,
): Finding[] {
  if (correlation === null || examples < leastExamples || Math.abs(correlation) < strongCorrelation) return [];
  const correlationBefore = before.rewardLengthCorrelation;
  return [{ code: 'PREFERENCES_FOLLOW_LENGTH', split, correlation, correlationBefore }];
}
