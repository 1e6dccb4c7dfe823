import { describe, expect, it } from 'vitest';
import { type ComparedTexts, evidenceOf, scoreRewards } from '../../../gpu-worker/metrics/reward-scores.js';
import { judgeRewards } from '../../../src/protocol/judge-rewards.js';
import { wilsonInterval } from '../../../src/statistics/intervals.js';

/** A pair: the outputs of the better answer and of the other, and their characters. */
type Pair = readonly [chosen: number, rejected: number, chosenLength: number, rejectedLength: number];

function scored(pairs: readonly Pair[], more: Partial<ComparedTexts> = {}, centring = 0) {
  const P = pairs.length;
  const compared: ComparedTexts = {
    pairs: Int32Array.from({ length: 2 * P }, (_, i) => i),
    weights: new Float32Array(P).fill(1),
    margins: new Float32Array(P),
    shares: new Float32Array(P).fill(1),
    answerLengths: Int32Array.from(pairs.flatMap(([, , chosen, rejected]) => [chosen, rejected])),
    units: Int32Array.from({ length: 2 * P }, (_, i) => i >> 1),
    ...more,
  };
  const outputs = Float32Array.from(pairs.flatMap(([chosen, rejected]) => [chosen, rejected]));
  return scoreRewards(outputs, compared, centring, { leftOutCount: 3, truncatedCount: 2 });
}

const sigma = (x: number) => 1 / (1 + Math.exp(-x));
const pairs: readonly Pair[] = [
  [2, 0, 10, 20],
  [1, 1, 10, 10],
  [0, 1, 20, 10],
  [3, 0, 30, 10],
  [1, 0, 100, 91],
  [0, 1, 100, 89],
];

describe('scores of rewards', () => {
  it('count right pairs and ties, by how long the better answer is', () => {
    const scores = scored(pairs);
    expect(scores).toMatchObject({ exampleCount: 6, textCount: 12, right: 3, ties: 1, accuracy: 0.5 });
    expect(scores).toMatchObject({ leftOutCount: 3, truncatedCount: 2, interval: wilsonInterval(3, 6) });
    expect(evidenceOf(scores)).toEqual({ pairs: 6, right: 3, ...wilsonInterval(3, 6) });
    // Lengths that differ by a tenth of the longer one, or less, are alike; equal rewards are not right.
    expect(scores.byLength).toEqual([
      { chosenIs: 'shorter', pairs: 1, right: 1, accuracy: 1, ...wilsonInterval(1, 1) },
      { chosenIs: 'alike', pairs: 2, right: 1, accuracy: 0.5, ...wilsonInterval(1, 2) },
      { chosenIs: 'longer', pairs: 3, right: 1, accuracy: 1 / 3, ...wilsonInterval(1, 3) },
    ]);
    const none = scored([[2, 0, 5, 5]]).byLength.filter(({ chosenIs }) => chosenIs !== 'alike');
    for (const each of none) expect(each).toMatchObject({ pairs: 0, right: 0, accuracy: null, low: null, high: null });
  });

  it('have the means of rewards, of all texts and of both sides', () => {
    const scores = scored(pairs);
    expect(scores.margin).toBeCloseTo((2 + 0 - 1 + 3 + 1 - 1) / 6, 6);
    expect(scores.chosenReward).toBeCloseTo(7 / 6, 6);
    expect(scores.rejectedReward).toBeCloseTo(3 / 6, 6);
    expect(scores.meanReward).toBeCloseTo(10 / 12, 6);
    // Squares: 4, 1, 1, 1, 9, 1, 1 = 18 of 12 texts.
    expect(scores.standardDeviation).toBeCloseTo(Math.sqrt(18 / 12 - (10 / 12) ** 2), 6);
  });

  it('have the loss of the training: of weights, margins, shares and centring', () => {
    const [first, second] = [pairs[0]!, pairs[2]!];
    const { loss } = scored(
      [first, second],
      { weights: Float32Array.of(3, 1), margins: Float32Array.of(1, 0.5), shares: Float32Array.of(1, 0.75) },
      0.01,
    );
    const [one, other] = [
      -Math.log(sigma(2 - 1)) + 0.01 * 2 ** 2,
      -0.75 * Math.log(sigma(-1 - 0.5)) - 0.25 * Math.log(sigma(1 - 0.5)) + 0.01 * 1 ** 2,
    ];
    expect(loss).toBeCloseTo(0.75 * one + 0.25 * other, 6);
    expect(scored([[0, 0, 1, 1]]).loss).toBeCloseTo(Math.LN2, 9);
  });

  it('are calibrated where as many are right as the confidence says', () => {
    const { error, bins } = scored(pairs).calibration;
    const filled = bins.flatMap((bin, index) => (bin.count === 0 ? [] : [{ ...bin, index }]));
    // σ(0) = 0.5, three of σ(1) = 0.73 of which one is right, σ(2) = 0.88, σ(3) = 0.95.
    expect(filled.map(({ index, count, accuracy }) => [index, count, accuracy])).toEqual([
      [0, 1, 0],
      [4, 3, 1 / 3],
      [7, 1, 1],
      [9, 1, 1],
    ]);
    expect(filled[1]!.confidence).toBeCloseTo(sigma(1), 6);
    const gaps = [0.5, 3 * sigma(1) - 1, 1 - sigma(2), 1 - sigma(3)];
    expect(error).toBeCloseTo(gaps.reduce((sum, gap) => sum + gap, 0) / 6, 6);
    const right: Pair = [Math.log(3), 0, 1, 1];
    const wrong: Pair = [0, Math.log(3), 1, 1];
    expect(scored([right, right, right, wrong]).calibration.error).toBeCloseTo(0, 6);
  });

  it('follow length where longer answers have higher rewards, and say so where people prefer the others', () => {
    const longer = Array.from({ length: 12 }, (_, i): Pair => [i, i + 12, 10 + i, 100 + i]);
    const scores = scored(longer);
    expect(scores.lengthCorrelation).toBeCloseTo(1, 12);
    expect(judgeRewards(scores).map(({ code }) => code)).toEqual(['REWARD_NOT_ABOVE_CHANCE', 'REWARD_FOLLOWS_LENGTH']);
    // Ranks 1 to 4 of the rewards against 2, 1, 4, 3 of the lengths: 1 − 6 · 4 / (4 · 15).
    expect(
      scored([
        [1, 2, 20, 10],
        [3, 4, 40, 30],
      ]).lengthCorrelation,
    ).toBeCloseTo(0.6, 12);
    expect(scored([[1, 0, 7, 7]]).lengthCorrelation).toBeNull();
  });

  it('take pairs of one prompt as dependent', () => {
    const many = Array.from({ length: 40 }, (_, i): Pair => (i % 4 === 3 ? [0, 1, 9, 9] : [1, 0, 9, 9]));
    expect(scored(many).interval).toEqual(wilsonInterval(30, 40));
    // In ten prompts all four pairs are alike: seven of them right.
    const inPrompts = many.map((_, i): Pair => (i < 28 ? [1, 0, 9, 9] : [0, 1, 9, 9]));
    const { interval } = scored(inPrompts, { units: Int32Array.from({ length: 80 }, (_, i) => i >> 3) });
    expect(wilsonInterval(28, 40)!.low).toBeGreaterThan(0.5);
    expect(interval.low).toBeLessThan(0.4);
  });
});
