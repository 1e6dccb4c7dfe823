import exp from '@stdlib/math-base-special-exp';
import ln from '@stdlib/math-base-special-ln';
import { type AnswerTable, type Label, places } from '../answers.js';
import { requireCount, requireNumber, StatisticsError } from '../statistics-error.js';
import { type AnnotatorErrors, confusionErrors, leastProbability, oneCoinErrors } from './annotator-errors.js';
import { voteCounts } from './majority-vote.js';

/** How a person errs: with a matrix of her own, or with one accuracy, errors falling on all other labels alike. */
export type DawidSkeneModel = 'CONFUSION' | 'ONE_COIN';

export interface DawidSkeneOptions {
  /** By default as `dawidSkeneModelFor` chooses. */
  readonly model?: DawidSkeneModel;
  /** Answers of each kind that every person is taken to have given before, from 0. By default 0.1. */
  readonly smoothing?: number;
  /** Updates at most; by default 200. */
  readonly maxIterations?: number;
  /** It ends when the objective grows by less for each answer, in nats. By default 1e-7. */
  readonly tolerance?: number;
  /** Labels that are known to be right, by unit. */
  readonly known?: ReadonlyMap<string, Label>;
}

/** What people's answers tell of units and of people, if people err independently of each other given the label. */
export interface DawidSkene {
  readonly model: DawidSkeneModel;
  /** Probabilities of the labels, [units][labels], in the order of the table. */
  readonly posteriors: readonly Float64Array[];
  /** Shares of the labels among units, [labels]. */
  readonly priors: Float64Array;
  readonly annotators: readonly FittedAnnotator[];
  /** ln P(answers) of the model, in nats. */
  readonly logLikelihood: number;
  /** What grows with each iteration: the likelihood, and the smoothing's. */
  readonly objectives: readonly number[];
  readonly iterations: number;
  /** Whether it ended before `maxIterations`. */
  readonly converged: boolean;
}

interface FittedAnnotator {
  readonly annotator: string;
  readonly answerCount: number;
  /** The probability of a right answer, over the shares of the labels. */
  readonly accuracy: number;
  /** P(answer | label), [labels][answers]; null in a model of one coin. */
  readonly confusion: readonly Float64Array[] | null;
}

/** Below so many answers, a matrix of errors has more entries than a person's answers can fill. */
const answersForConfusion = 20;

/** One coin if the median person gave fewer than 20 answers, and a matrix for each person otherwise. */
export function dawidSkeneModelFor(table: AnswerTable): DawidSkeneModel {
  const sorted = answersOfEach(table).sort();
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return median < answersForConfusion ? 'ONE_COIN' : 'CONFUSION';
}

/**
 * Expectation maximisation for the model of Dawid & Skene 1979 (Applied Statistics 28, 20–28), or with one accuracy for
 * each person (Zhang et al. 2016, JMLR 17). It starts from the shares of votes, and goes to the local maximum there:
 *
 *     E: q_u(k) ∝ p_k · Π_answers θ_a(k, answer)        M: p_k = mean_u q_u(k), θ_a(k, l) = Σ_u q_u(k)·n_ual / Σ_l …
 *
 * With `smoothing` s > 0, θ is the mode under a prior: s answers more of each kind. Time O(iterations · (answers ·
 * labels + annotators · labels²)).
 *
 * @throws StatisticsError an option is out of range, or a known label or unit is none of the table
 */
export function fitDawidSkene(table: AnswerTable, options: DawidSkeneOptions = {}): DawidSkene {
  const { smoothing = 0.1, maxIterations = 200, tolerance = 1e-7, model = dawidSkeneModelFor(table) } = options;
  requireNumber('smoothing', smoothing, 0, 1e6);
  requireCount('maxIterations', maxIterations, 1);
  requireNumber('tolerance', tolerance, 0, 1);
  const known = knownLabels(table, options.known);
  const posteriors = table.units.map((_, u) => startOf(table, u, known[u]!));
  const errors = model === 'CONFUSION' ? confusionErrors(table, smoothing) : oneCoinErrors(table, smoothing);
  const priors = new Float64Array(table.labels.length);
  const objectives: number[] = [];
  let logLikelihood = 0;
  let iterations = 0;
  let converged = table.units.length === 0;
  while (!converged && iterations < maxIterations) {
    maximise(posteriors, priors, errors);
    iterations++;
    logLikelihood = estimate(table, priors, errors, known, posteriors);
    objectives.push(logLikelihood + errors.logPrior());
    const growth = objectives.at(-1)! - (objectives.at(-2) ?? Number.NEGATIVE_INFINITY);
    converged = growth <= tolerance * table.labelOf.length;
  }
  const counts = answersOfEach(table);
  const annotators = table.annotators.map((annotator, a) => ({
    annotator,
    answerCount: counts[a]!,
    accuracy: errors.accuracyOf(a, priors),
    confusion: errors.confusionOf(a),
  }));
  return { model, posteriors, priors, annotators, logLikelihood, objectives, iterations, converged };
}

function maximise(posteriors: readonly Float64Array[], priors: Float64Array, errors: AnnotatorErrors): void {
  priors.fill(0);
  for (const posterior of posteriors) {
    for (let label = 0; label < priors.length; label++) priors[label]! += posterior[label]! / posteriors.length;
  }
  errors.learn(posteriors);
}

/** Writes the posteriors, and gives ln P(answers). */
function estimate(
  table: AnswerTable,
  priors: Float64Array,
  errors: AnnotatorErrors,
  known: Int32Array,
  posteriors: readonly Float64Array[],
): number {
  const logPriors = priors.map((prior) => ln(Math.max(prior, leastProbability)));
  const logs = new Float64Array(priors.length);
  let logLikelihood = 0;
  for (const [u, posterior] of posteriors.entries()) {
    logs.set(logPriors);
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      errors.addLogs(table.annotatorOf[answer]!, table.labelOf[answer]!, logs);
    }
    if (known[u]! >= 0) logLikelihood += logs[known[u]!]!;
    else logLikelihood += normalise(logs, posterior);
  }
  return logLikelihood;
}

/** Probabilities from logarithms that are too great by a constant, which is given: ln Σ e^log. */
export function normalise(logs: Float64Array, probabilities: Float64Array): number {
  const greatest = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let label = 0; label < logs.length; label++) {
    probabilities[label] = exp(logs[label]! - greatest);
    sum += probabilities[label]!;
  }
  for (let label = 0; label < logs.length; label++) probabilities[label]! /= sum;
  return greatest + ln(sum);
}

function startOf(table: AnswerTable, u: number, known: number): Float64Array {
  const count = table.starts[u + 1]! - table.starts[u]!;
  return known < 0
    ? voteCounts(table, u).map((votes) => votes / count)
    : Float64Array.from(table.labels, (_, label) => (label === known ? 1 : 0));
}

/** The places of known labels, [units], −1 where none is known. */
function knownLabels({ units, labels }: AnswerTable, known: ReadonlyMap<string, Label> | undefined): Int32Array {
  const found = new Int32Array(units.length).fill(-1);
  if (known === undefined) return found;
  const labelPlaces = places(labels);
  for (const [u, unit] of units.entries()) {
    const label = known.get(unit);
    if (label === undefined) continue;
    const place = labelPlaces.get(label);
    if (place === undefined) {
      throw new StatisticsError('UNKNOWN_LABEL', `known.${unit}`, `${JSON.stringify(label)} is no label of the table.`);
    }
    found[u] = place;
  }
  return found;
}

/** How many answers each person gave, [annotators]. */
function answersOfEach({ annotators, annotatorOf }: AnswerTable): Int32Array {
  const counts = new Int32Array(annotators.length);
  for (const annotator of annotatorOf) counts[annotator]!++;
  return counts;
}
