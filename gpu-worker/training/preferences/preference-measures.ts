import { preferenceMeasures } from '../../../src/protocol/methods/preference-optimization.js';
import { hasReference, type PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import type { MetricSample } from '../../../src/protocol/run-event.js';
import { pearson, ranksOf } from '../../metrics/correlation.js';
import { metricSample } from '../../metrics/metric-samples.js';
import { type ExampleSums, rewardOf } from './example-sums.js';

/** An answer of an example, with its reward. */
interface Answer {
  readonly isBetter: boolean;
  readonly reward: number;
  readonly logProbability: number;
  readonly tokens: number;
}

/** What the rewards of some examples say; null of what they are too few for. */
export interface PreferenceScores {
  /** Mean reward of better (or good) answers less that of the others. */
  readonly rewardMargin: number | null;
  /**
   * Share of pairs whose better answer has the higher reward; of single answers, of all pairs of a good and a bad one.
   * Ties count half.
   */
  readonly accuracy: number | null;
  readonly chosenReward: number | null;
  readonly rejectedReward: number | null;
  /** Mean ln of the probability of an answer, in nats. */
  readonly chosenLogProbability: number | null;
  readonly rejectedLogProbability: number | null;
  /** Mean ln of the probability of a token of better answers less that of the others', in nats. */
  readonly tokenLogProbabilityMargin: number | null;
  /** Mean tokens of better (or good) answers, and of the others. */
  readonly chosenLength: number | null;
  readonly rejectedLength: number | null;
  /** Pearson's correlation of rewards with lengths: of the differences within pairs, or of single answers. */
  readonly rewardLengthCorrelation: number | null;
  /** Mean over answers' tokens of an estimate of the divergence from the reference, in nats; null without one. */
  readonly kl: number | null;
}

/**
 * Scores examples by the rewards that an objective gives their answers.
 * @param areGood [N] of single answers; null of pairs
 */
export function scorePreferences(
  objective: PreferenceObjective,
  sums: readonly ExampleSums[],
  areGood: readonly boolean[] | null,
): PreferenceScores {
  const answersOf = ({ policy, reference, tokens }: ExampleSums, example: number): Answer[] =>
    policy.map((logProbability, side) => ({
      isBetter: areGood === null ? side === 0 : areGood[example]!,
      reward: rewardOf(objective, logProbability, reference[side]!, tokens[side]!),
      logProbability,
      tokens: tokens[side]!,
    }));
  const examples = sums.map(answersOf);
  const answers = examples.flat();
  const [better, others] = [answers.filter(({ isBetter }) => isBetter), answers.filter(({ isBetter }) => !isBetter)];
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  const divergence = sums.reduce((sum, each) => sum + each.divergence, 0);
  const perToken = ({ logProbability, tokens }: Answer) => logProbability / Math.max(1, tokens);
  return {
    rewardMargin: difference(meanOf(better, rewardIn), meanOf(others, rewardIn)),
    accuracy: areGood === null ? shareInOrder(examples) : rankedShare(better, others),
    chosenReward: meanOf(better, rewardIn),
    rejectedReward: meanOf(others, rewardIn),
    chosenLogProbability: meanOf(better, ({ logProbability }) => logProbability),
    rejectedLogProbability: meanOf(others, ({ logProbability }) => logProbability),
    tokenLogProbabilityMargin: difference(meanOf(better, perToken), meanOf(others, perToken)),
    chosenLength: meanOf(better, ({ tokens }) => tokens),
    rejectedLength: meanOf(others, ({ tokens }) => tokens),
    rewardLengthCorrelation:
      areGood === null
        ? correlationOf(examples, ([chosen, rejected]) => [
            chosen!.reward - rejected!.reward,
            chosen!.tokens - rejected!.tokens,
          ])
        : correlationOf(answers, ({ reward, tokens }) => [reward, tokens]),
    kl: hasReference(objective) && tokens > 0 ? divergence / tokens : null,
  };
}

/** As metrics under `prefix`, the margin and the accuracy first. @param loss null: not measured */
export function preferenceSamples(prefix: string, scores: PreferenceScores, loss: number | null): MetricSample[] {
  const values: Readonly<Record<string, number | null>> = { ...scores, loss };
  return [...preferenceMeasures, 'kl'].flatMap((measure) => {
    const value = values[measure];
    return value == null ? [] : [metricSample(`${prefix}/${measure}`, value)];
  });
}

function rewardIn({ reward }: Answer): number {
  return reward;
}

function meanOf(answers: readonly Answer[], of: (answer: Answer) => number): number | null {
  return answers.length === 0 ? null : answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length;
}

function difference(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one - other;
}

function shareInOrder(pairs: readonly (readonly Answer[])[]): number | null {
  if (pairs.length === 0) return null;
  const right = pairs.reduce((sum, [chosen, rejected]) => {
    const gap = chosen!.reward - rejected!.reward;
    return sum + (gap > 0 ? 1 : gap === 0 ? 0.5 : 0);
  }, 0);
  return right / pairs.length;
}

/** The share of pairs of a good and a bad answer that are in order, by ranks: Mann and Whitney's U / (n · m). */
function rankedShare(good: readonly Answer[], bad: readonly Answer[]): number | null {
  const [n, m] = [good.length, bad.length];
  if (n === 0 || m === 0) return null;
  const ranks = ranksOf(Float64Array.from([...good, ...bad], rewardIn));
  const sum = ranks.subarray(0, n).reduce((total, rank) => total + rank, 0);
  return (sum - (n * (n + 1)) / 2) / (n * m);
}

function correlationOf<Item>(items: readonly Item[], of: (item: Item) => readonly [number, number]): number | null {
  const both = items.map(of);
  const [x, y] = [0, 1].map((side) => Float64Array.from(both, (pair) => pair[side as 0 | 1])) as [
    Float64Array,
    Float64Array,
  ];
  return pearson(x, y);
}
