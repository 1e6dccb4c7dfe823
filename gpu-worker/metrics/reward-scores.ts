import type { RewardScores } from '../../src/protocol/evaluation-scores.js';
import { type RewardEvidence, type RewardHead, rewardTask } from '../../src/protocol/heads.js';
import { shareOfPairs } from '../../src/statistics/share-of-pairs.js';
import { spearman } from './correlation.js';
import { sigmoid, softplus } from './sigmoid.js';

/** What rewards are scored against. */
export interface ComparedTexts {
  /** [2P] texts: the better one of pair i is pairs[2i]. */
  readonly pairs: Int32Array;
  /** [P] factors of the pairs' losses. */
  readonly weights: Float32Array;
  /** [P] by how much the better answer's reward is to exceed the other's. */
  readonly margins: Float32Array;
  /** [P] how likely the first answer is the better one. */
  readonly shares: Float32Array;
  /** [N] characters of each answer. */
  readonly answerLengths: Int32Array;
  /** [N] what each text shares with those that it depends on (`pairUnits`). */
  readonly units: Int32Array;
}

/** Ten bins of the confidence, from 0.5 to 1. */
const bins = 10;

/** Lengths that differ by no more than this share of the longer one are alike. */
const alike = 0.1;

/**
 * Scores of a reward model on pairs.
 *
 * @param outputs of the head, [N]
 * @param centring factor η of the loss's (r_w + r_l)²
 */
export function scoreRewards(
  outputs: Float32Array,
  compared: ComparedTexts,
  centring: number,
  { leftOutCount, truncatedCount }: Pick<RewardScores, 'leftOutCount' | 'truncatedCount'>,
): RewardScores {
  const { pairs, weights, margins, shares, answerLengths, units } = compared;
  const P = weights.length;
  const both = (pair: number) => [outputs[pairs[2 * pair]!]!, outputs[pairs[2 * pair + 1]!]!] as const;
  const mean = (of: (pair: number) => number) => weights.reduce((sum, _, pair) => sum + of(pair) / P, 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const loss = weights.reduce((sum, weight, pair) => {
    const [first, second] = both(pair);
    const [d, m, p] = [first - second, margins[pair]!, shares[pair]!];
    const ranking = p * softplus(m - d) + (1 - p) * softplus(m + d);
    return sum + (weight / total) * (ranking + centring * (first + second) ** 2);
  }, 0);
  const differences = Float64Array.from(weights, (_, pair) => both(pair)[0] - both(pair)[1]);
  const isRight = (pair: number) => differences[pair]! > 0;
  const all = [...weights.keys()];
  const right = all.filter(isRight).length;
  const intervalOf = (those: readonly number[]) =>
    shareOfPairs({
      isRight: those.map(isRight),
      units: those.map((pair) => [units[pairs[2 * pair]!]!, units[pairs[2 * pair + 1]!]!] as const),
    });
  const { mean: center, scale } = standardization(outputs, pairs);
  const used = Float64Array.from(new Set(pairs), (text) => outputs[text]!);
  const lengths = Float64Array.from(new Set(pairs), (text) => answerLengths[text]!);
  return {
    kind: 'reward',
    task: rewardTask,
    exampleCount: P,
    textCount: used.length,
    right,
    ties: all.filter((pair) => differences[pair] === 0).length,
    accuracy: right / P,
    interval: intervalOf(all)!,
    loss,
    margin: mean((pair) => differences[pair]!),
    chosenReward: mean((pair) => both(pair)[0]),
    rejectedReward: mean((pair) => both(pair)[1]),
    meanReward: center,
    standardDeviation: scale,
    calibration: calibrationOf(differences),
    lengthCorrelation: spearman(used, lengths),
    byLength: (['shorter', 'alike', 'longer'] as const).map((chosenIs) => {
      const those = all.filter((pair) => chosenIs === lengthOf(pair));
      const rightOnes = those.filter(isRight).length;
      const interval = intervalOf(those);
      return {
        chosenIs,
        pairs: those.length,
        right: rightOnes,
        accuracy: those.length === 0 ? null : rightOnes / those.length,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
      };
    }),
    leftOutCount,
    truncatedCount,
  };

  function lengthOf(pair: number): 'shorter' | 'alike' | 'longer' {
    const [chosen, other] = [answerLengths[pairs[2 * pair]!]!, answerLengths[pairs[2 * pair + 1]!]!];
    if (Math.abs(chosen - other) <= alike * Math.max(chosen, other)) return 'alike';
    return chosen < other ? 'shorter' : 'longer';
  }
}

/** How often the rewards put the better answer first. */
export function evidenceOf({ exampleCount, right, interval }: RewardScores): RewardEvidence {
  return { pairs: exampleCount, right, ...interval };
}

/** Mean and standard deviation of the outputs of the texts in pairs, which a head's rewards are standardized by. */
function standardization(outputs: Float32Array, pairs: Int32Array): Pick<RewardHead, 'mean' | 'scale'> {
  const values = [...new Set(pairs)].map((text) => outputs[text]!);
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const scale = Math.sqrt(variance);
  // Equal rewards can not be told apart in any unit.
  return { mean, scale: scale > 0 && Number.isFinite(scale) ? scale : 1 };
}

/**
 * How far the confidence, σ(|d|), is from the share of right pairs: the expected calibration error (Naeini et al. 2015)
 * over bins of equal width.
 */
function calibrationOf(differences: Float64Array): RewardScores['calibration'] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, right: 0, confidence: 0 }));
  for (const difference of differences) {
    const confidence = sigmoid(Math.abs(difference));
    const bin = sums[Math.min(bins - 1, Math.floor(2 * (confidence - 0.5) * bins))];
    // A difference that is no number has no confidence; the loss says so.
    if (bin === undefined) continue;
    bin.count += 1;
    bin.right += difference > 0 ? 1 : 0;
    bin.confidence += confidence;
  }
  const found = sums.map(({ count, right, confidence }, index) => ({
    from: 0.5 + index / (2 * bins),
    to: 0.5 + (index + 1) / (2 * bins),
    count,
    confidence: count === 0 ? null : confidence / count,
    accuracy: count === 0 ? null : right / count,
  }));
  const error = sums.reduce(
    (sum, { right, confidence }) => sum + Math.abs(right - confidence) / Math.max(1, differences.length),
    0,
  );
  return { error, bins: found };
}
