import { type Random, uniform } from '../random.js';
import { requireNumber, StatisticsError } from '../statistics-error.js';

/** A unit that was picked to be asked next. */
export interface Pick {
  readonly place: number;
  /** The probability with which it was picked, by chance or by its score, of all that could be. */
  readonly propensity: number;
  /** Whether chance picked it, and not its score. */
  readonly isRandom: boolean;
}

/**
 * The unit with the highest score, or with probability ε (`randomShare`) any unit. Of n units, m of which have the
 * highest score, one is picked with probability ε/n + (1 − ε)/m if it is among these m, and ε/n otherwise: that is its
 * propensity. With ε > 0 every unit can be picked, and estimates over all units remain unbiased (`populationMean`);
 * with ε = 0 they can not be made.
 *
 * @param scores [n], the higher the sooner
 * @throws StatisticsError a score is not a number, or the share is not from 0 to 1
 */
export function pickNext(scores: ArrayLike<number>, randomShare: number, random: Random): Pick | null {
  requireNumber('randomShare', randomShare, 0, 1);
  const n = scores.length;
  if (n === 0) return null;
  let best: number[] = [];
  for (let place = 0; place < n; place++) {
    if (Number.isNaN(scores[place])) throw new StatisticsError('NOT_A_NUMBER', `scores[${place}]`, 'it is NaN.');
    if (best.length > 0 && scores[place]! < scores[best[0]!]!) continue;
    if (best.length > 0 && scores[place]! > scores[best[0]!]!) best = [];
    best.push(place);
  }
  const isRandom = uniform(random) < randomShare;
  const choices = isRandom ? n : best.length;
  const choice = Math.floor(uniform(random) * choices);
  const place = isRandom ? choice : best[choice]!;
  const byScore = best.includes(place) ? (1 - randomShare) / best.length : 0;
  return { place, propensity: randomShare / n + byScore, isRandom };
}

/**
 * Several units, one after the other, none twice. A unit's propensity is that of its own pick, given those before it:
 * the units that are left are the n of `pickNext`.
 */
export function pickSeveral(scores: ArrayLike<number>, count: number, randomShare: number, random: Random): Pick[] {
  const left = Array.from({ length: scores.length }, (_, place) => place);
  const picks: Pick[] = [];
  while (picks.length < count && left.length > 0) {
    const pick = pickNext(
      left.map((place) => scores[place]!),
      randomShare,
      random,
    )!;
    picks.push({ ...pick, place: left.splice(pick.place, 1)[0]! });
  }
  return picks;
}

/**
 * The mean of a value over all units, from those that `pickSeveral` picked: unbiased whatever the scores are, for a
 * random share above 0 (Des Raj 1956, JASA 51). Each pick gives an estimate of the sum, the values before it and its
 * own over its propensity; it is their mean, over the number of units. Null: nothing was picked.
 *
 * @param values of the picked units, in the order of the picks, [picks]
 * @param propensities [picks]
 * @param units how many there were before the first pick
 */
export function populationMean(
  values: readonly number[],
  propensities: readonly number[],
  units: number,
): number | null {
  if (values.length !== propensities.length) {
    const message = `${values.length} values for ${propensities.length} propensities.`;
    throw new StatisticsError('UNEQUAL_LENGTHS', 'values', message);
  }
  if (values.length === 0) return null;
  let [before, estimates] = [0, 0];
  for (const [index, value] of values.entries()) {
    requireNumber(`propensities[${index}]`, propensities[index]!, Number.MIN_VALUE, 1);
    estimates += before + value / propensities[index]!;
    before += value;
  }
  return estimates / values.length / units;
}
