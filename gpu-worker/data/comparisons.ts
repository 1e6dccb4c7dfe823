import type { ComparisonWeighting } from '../../src/protocol/methods/reward-modelling.js';
import { ProblemError } from '../problem-error.js';
import type { Judgements, Preferences } from './preferences.js';

/** Pairs of texts, of which the first is better. */
export interface Comparisons {
  /** [2P] texts: the better one of pair i is pairs[2i]. */
  readonly pairs: Int32Array;
  /** [P] factors of the pairs' losses. */
  readonly weights: Float32Array;
  /** [P] how much better the first is; NaN where nothing says. */
  readonly strengths: Float64Array;
  /** [P] how likely the first is the better one. */
  readonly shares: Float32Array;
}

/** More pairs than these are refused: answers to one prompt make as many as the square of their number. */
const mostPairs = 2_000_000;

/**
 * The pairs that judgements say: those of the rows; of ratings, all answers to one prompt whose ratings differ, as many
 * points apart as they are strong; of thumbs, the i-th good answer with the i-th other one, so that no answer is in two
 * pairs.
 *
 * @throws ProblemError TOO_LARGE
 */
export function comparisonsOf(
  { judgements, prompts }: Pick<Preferences, 'judgements' | 'prompts'>,
  weighting: ComparisonWeighting,
): Comparisons {
  const { pairs, strengths, shares } = pairsOf(judgements, prompts);
  const weights = new Float32Array(pairs.length / 2).fill(1);
  if (weighting === 'prompts') {
    const counts = new Map<number, number>();
    const promptOf = (pair: number) => prompts[pairs[2 * pair]!]!;
    for (const pair of weights.keys()) counts.set(promptOf(pair), (counts.get(promptOf(pair)) ?? 0) + 1);
    for (const pair of weights.keys()) weights[pair] = 1 / counts.get(promptOf(pair))!;
  }
  return { pairs, weights, strengths, shares };
}

/** Margins in proportion to strengths, the largest of `most`. Without a strength, 0. */
export function marginsOf(
  { strengths }: Pick<Comparisons, 'strengths'>,
  margin: number | null,
  most: number,
): Float32Array {
  return Float32Array.from(strengths, (strength) =>
    margin === null || Number.isNaN(strength) || most === 0 ? 0 : (margin * strength) / most,
  );
}

/** The largest strength; 0 where there is none. */
export function mostStrength({ strengths }: Pick<Comparisons, 'strengths'>): number {
  return strengths.reduce((most, each) => (Number.isNaN(each) ? most : Math.max(most, each)), 0);
}

function pairsOf(judgements: Judgements, prompts: Int32Array): Omit<Comparisons, 'weights'> {
  switch (judgements.kind) {
    case 'pairs': {
      const { pairs, strengths, probabilities } = judgements;
      return { pairs, strengths, shares: Float32Array.from(probabilities, (each) => (Number.isNaN(each) ? 1 : each)) };
    }
    case 'rated':
      return pairsOfRatings(judgements.ratings, prompts);
    case 'thumbs':
      return pairsOfThumbs(judgements.areGood);
    default:
      return judgements satisfies never;
  }
}

function pairsOfRatings(ratings: Float64Array, prompts: Int32Array): Omit<Comparisons, 'weights'> {
  const textsOf = new Map<number, number[]>();
  for (const [text, prompt] of prompts.entries()) {
    const texts = textsOf.get(prompt);
    if (texts === undefined) textsOf.set(prompt, [text]);
    else texts.push(text);
  }
  const pairs: number[] = [];
  const strengths: number[] = [];
  for (const texts of textsOf.values()) {
    for (const [place, one] of texts.entries()) {
      for (const other of texts.slice(place + 1)) {
        const points = ratings[one]! - ratings[other]!;
        if (points === 0) continue;
        pairs.push(...(points > 0 ? [one, other] : [other, one]));
        strengths.push(Math.abs(points));
      }
      if (strengths.length > mostPairs) throw tooManyPairs();
    }
  }
  return {
    pairs: Int32Array.from(pairs),
    strengths: Float64Array.from(strengths),
    shares: new Float32Array(strengths.length).fill(1),
  };
}

function pairsOfThumbs(areGood: Uint8Array): Omit<Comparisons, 'weights'> {
  const texts = [...areGood.keys()];
  const [good, others] = [texts.filter((text) => areGood[text] === 1), texts.filter((text) => areGood[text] === 0)];
  const count = Math.min(good.length, others.length);
  return {
    pairs: Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? good : others)[i >> 1]!),
    strengths: new Float64Array(count).fill(Number.NaN),
    shares: new Float32Array(count).fill(1),
  };
}

function tooManyPairs(): ProblemError {
  return new ProblemError({
    path: ['preference'],
    code: 'TOO_LARGE',
    message: `the ratings make more than ${mostPairs.toLocaleString('en')} pairs of answers to the same prompts`,
    hint: 'Keep fewer answers to each prompt, or learn the ratings by a regression.',
  });
}
