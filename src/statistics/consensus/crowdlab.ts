import type { AnswerTable, Label } from '../answers.js';
import { StatisticsError } from '../statistics-error.js';
import { breakTies } from './break-ties.js';
import { voteCounts } from './majority-vote.js';

/** Least weight and least error of the majority class, as cleanlab has it. */
const leastWeight = 1e-6;

/** Why CROWDLAB has no result. */
export type CrowdlabReason = 'NO_UNIT_WITH_TWO_ANSWERS' | 'FEWER_THAN_TWO_LABELS';

/** The consensus of people and a classifier. */
export interface Crowdlab {
  readonly units: readonly ConsensusLabel[];
  readonly annotators: readonly AnnotatorQuality[];
  /** How much the classifier's probabilities count beside a person's answer. */
  readonly modelWeight: number;
}

interface ConsensusLabel {
  readonly unit: string;
  readonly label: Label;
  /** The probability that the label is right. */
  readonly quality: number;
  /** The share of the unit's answers that are the label. */
  readonly agreement: number;
  readonly answerCount: number;
  /** [labels], their sum is 1 */
  readonly probabilities: Float64Array;
}

interface AnnotatorQuality {
  readonly annotator: string;
  /** Between 0 and 1; null for a person none of whose units was answered by others. */
  readonly quality: number | null;
  /** How much an answer of hers counts. */
  readonly weight: number;
  readonly agreementWithConsensus: number;
  readonly answerCount: number;
}

/**
 * CROWDLAB (Goh, Tkachenko & Mueller 2022, arXiv:2210.06812): probabilities of labels as a weighted mean of a
 * classifier's and of people's answers, weights by how much seldomer each errs than the most frequent label does. It
 * needs fewer answers to a unit than Dawid and Skene's model, since the classifier has seen units like it. Values equal
 * `cleanlab.multiannotator.get_label_quality_multiannotator`; ties that it breaks by chance go to the first label.
 *
 * @param predicted probabilities of the labels, [units][labels], by a classifier that did not learn from these units
 * @throws StatisticsError `predicted` has another shape than the table, or holds no probabilities
 */
export function crowdlab(
  table: AnswerTable,
  predicted: readonly ArrayLike<number>[],
): Crowdlab | { readonly reason: CrowdlabReason } {
  checkPredicted(table, predicted);
  const { units, labels } = table;
  const sizes = Float64Array.from(units, (_, u) => table.starts[u + 1]! - table.starts[u]!);
  if (!sizes.some((size) => size > 1)) return { reason: 'NO_UNIT_WITH_TWO_ANSWERS' };
  if (labels.length < 2) return { reason: 'FEWER_THAN_TWO_LABELS' };
  const votes = units.map((_, u) => voteCounts(table, u));
  const agreements = agreementsWithOthers(table, votes, sizes);
  const majority = breakTies(table, votes, predicted);
  const first = weigh(table, { votes, sizes, predicted, agreements, consensus: majority });
  const consensus = first.probabilities.map((row, u) => onlyGreatest(row) ?? majority[u]!);
  const second = weigh(table, { votes, sizes, predicted, agreements, consensus });
  return {
    modelWeight: second.modelWeight,
    units: units.map((unit, u) => ({
      unit,
      label: labels[consensus[u]!]!,
      quality: second.probabilities[u]![consensus[u]!]!,
      agreement: votes[u]![consensus[u]!]! / sizes[u]!,
      answerCount: sizes[u]!,
      probabilities: second.probabilities[u]!,
    })),
    annotators: qualities(table, sizes, consensus, second),
  };
}

interface Weighted {
  readonly probabilities: readonly Float64Array[];
  readonly modelWeight: number;
  /** [annotators] */
  readonly weights: Float64Array;
}

interface Weighing {
  readonly votes: readonly Float64Array[];
  readonly sizes: Float64Array;
  readonly predicted: readonly ArrayLike<number>[];
  readonly agreements: Float64Array;
  /** [units] places of labels */
  readonly consensus: readonly number[];
}

function weigh(table: AnswerTable, { votes, sizes, predicted, agreements, consensus }: Weighing): Weighted {
  const count = table.labels.length;
  const shared = [...sizes.keys()].filter((u) => sizes[u]! > 1);
  const meanOver = (value: (u: number) => number) => shared.reduce((sum, u) => sum + value(u), 0) / shared.length;
  const likelihood = meanOver((u) => votes[u]![consensus[u]!]! / sizes[u]!);
  const otherLikelihood = (1 - likelihood) / (count - 1);
  const frequent = new Float64Array(count);
  for (const u of shared) frequent[consensus[u]!]!++;
  const mostFrequent = greatestPlace(frequent);
  const baseError = Math.max(
    meanOver((u) => (consensus[u] === mostFrequent ? 0 : 1)),
    leastWeight,
  );
  const weights = agreements.map((agreement) => Math.max(1 - (1 - agreement) / baseError, leastWeight));
  const modelError = meanOver((u) => (greatestPlace(predicted[u]!) === consensus[u] ? 0 : 1));
  const answersAUnit = table.labelOf.length / table.units.length;
  const modelWeight = Math.max(1 - modelError / baseError, leastWeight) * Math.sqrt(answersAUnit);
  const probabilities = table.units.map((_, u) => {
    const row = Float64Array.from(predicted[u]!, (probability) => probability * modelWeight);
    let total = modelWeight;
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      const weight = weights[table.annotatorOf[answer]!]!;
      const given = table.labelOf[answer]!;
      for (let label = 0; label < count; label++)
        row[label]! += weight * (label === given ? likelihood : otherLikelihood);
      total += weight;
    }
    return row.map((sum) => sum / total);
  });
  return { probabilities, modelWeight, weights };
}

/** How often others say the same as each person, [annotators]; the mean of the others' for a person without others. */
function agreementsWithOthers(table: AnswerTable, votes: readonly Float64Array[], sizes: Float64Array): Float64Array {
  const equal = new Float64Array(table.annotators.length);
  const pairs = new Float64Array(table.annotators.length);
  for (let u = 0; u < table.units.length; u++) {
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      equal[table.annotatorOf[answer]!]! += votes[u]![table.labelOf[answer]!]! - 1;
      pairs[table.annotatorOf[answer]!]! += sizes[u]! - 1;
    }
  }
  const shares = equal.map((count, a) => count / pairs[a]!);
  const known = shares.filter((_, a) => pairs[a]! > 0);
  const mean = known.reduce((sum, share) => sum + share, 0) / known.length;
  return shares.map((share, a) => (pairs[a]! > 0 ? share : mean));
}

/** What each person's answers are worth, [annotators]. */
function qualities(
  table: AnswerTable,
  sizes: Float64Array,
  consensus: readonly number[],
  { probabilities, modelWeight, weights }: Weighted,
): AnnotatorQuality[] {
  const sums = table.annotators.map(() => ({ answers: 0, quality: 0, agreeing: 0, shared: 0, agreeingShared: 0 }));
  for (let u = 0; u < table.units.length; u++) {
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      const sum = sums[table.annotatorOf[answer]!]!;
      const label = table.labelOf[answer]!;
      const isConsensus = label === consensus[u] ? 1 : 0;
      sum.answers++;
      sum.quality += probabilities[u]![label]!;
      sum.agreeing += isConsensus;
      if (sizes[u]! < 2) continue;
      sum.shared++;
      sum.agreeingShared += isConsensus;
    }
  }
  const answersAUnit = table.labelOf.length / table.units.length;
  const allWeights = (weights.reduce((sum, weight) => sum + weight, 0) * answersAUnit) / weights.length;
  const ofModel = modelWeight / (modelWeight + allWeights);
  return sums.map(({ answers, quality, agreeing, shared, agreeingShared }, a) => ({
    annotator: table.annotators[a]!,
    quality: shared === 0 ? null : (ofModel * quality) / answers + ((1 - ofModel) * agreeingShared) / shared,
    weight: weights[a]!,
    agreementWithConsensus: agreeing / answers,
    answerCount: answers,
  }));
}

/** The first place of the greatest value. */
function greatestPlace(values: ArrayLike<number>): number {
  let place = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[place]!) place = index;
  return place;
}

/** The place of the greatest value, null where several are as great. */
function onlyGreatest(values: Float64Array): number | null {
  const place = greatestPlace(values);
  return values.lastIndexOf(values[place]!) === place ? place : null;
}

function checkPredicted({ units, labels }: AnswerTable, predicted: readonly ArrayLike<number>[]): void {
  if (predicted.length !== units.length) {
    const message = `${predicted.length} rows for ${units.length} units. Give one row for each unit, in their order.`;
    throw new StatisticsError('UNEQUAL_LENGTHS', 'predicted', message);
  }
  for (const [u, row] of predicted.entries()) {
    const path = `predicted[${u}]`;
    if (row.length !== labels.length) {
      throw new StatisticsError('UNEQUAL_LENGTHS', path, `${row.length} probabilities for ${labels.length} labels.`);
    }
    const values = Array.from(row);
    const sum = values.reduce((all, value) => all + value, 0);
    if (values.some((value) => !(value >= 0)) || !(Math.abs(sum - 1) <= 1e-3)) {
      throw new StatisticsError('OUT_OF_RANGE', path, `[${values.join(', ')}] are no probabilities whose sum is 1.`);
    }
  }
}
