import ln from '@stdlib/math-base-special-ln';
import type { AnswerTable } from '../answers.js';

/** Least probability of a label or an answer: logarithms stay finite. */
export const leastProbability = 1e-10;

/** How people err, learned from their answers and the probabilities of the labels. */
export interface AnnotatorErrors {
  /** @param posteriors [units][labels] */
  learn(posteriors: readonly Float64Array[]): void;
  /** Adds ln P(answer | label) of a person to logs [labels]. */
  addLogs(annotator: number, answer: number, logs: Float64Array): void;
  /** ln of the prior's density, up to a constant. */
  logPrior(): number;
  accuracyOf(annotator: number, priors: Float64Array): number;
  /** P(answer | label), [labels][answers], if it is more than an accuracy. */
  confusionOf(annotator: number): Float64Array[] | null;
}

/** A matrix for each person: θ_a(k, l) = (Σ_u q_u(k)·[a said l] + s) / (Σ_l …). */
export function confusionErrors(table: AnswerTable, smoothing: number): AnnotatorErrors {
  const count = table.labels.length;
  /** [annotators, answers, labels], so that all labels of an answer lie together */
  const rates = new Float64Array(table.annotators.length * count * count);
  const logs = new Float64Array(rates.length);
  const place = (annotator: number, answer: number) => (annotator * count + answer) * count;
  return {
    learn(posteriors) {
      rates.fill(smoothing);
      forEachAnswer(table, (unit, annotator, answer) => {
        const start = place(annotator, answer);
        for (let label = 0; label < count; label++) rates[start + label]! += posteriors[unit]![label]!;
      });
      for (let annotator = 0; annotator < table.annotators.length; annotator++) {
        for (let label = 0; label < count; label++) {
          let sum = 0;
          for (let answer = 0; answer < count; answer++) {
            const index = place(annotator, answer) + label;
            rates[index] = Math.max(rates[index]!, leastProbability);
            sum += rates[index]!;
          }
          for (let answer = 0; answer < count; answer++) rates[place(annotator, answer) + label]! /= sum;
        }
      }
      for (let index = 0; index < rates.length; index++) logs[index] = ln(rates[index]!);
    },
    addLogs(annotator, answer, into) {
      const start = place(annotator, answer);
      for (let label = 0; label < count; label++) into[label]! += logs[start + label]!;
    },
    logPrior: () => (smoothing === 0 ? 0 : smoothing * logs.reduce((sum, log) => sum + log, 0)),
    accuracyOf: (annotator, priors) =>
      priors.reduce((sum, prior, label) => sum + prior * rates[place(annotator, label) + label]!, 0),
    confusionOf: (annotator) =>
      Array.from({ length: count }, (_, label) =>
        Float64Array.from({ length: count }, (__, answer) => rates[place(annotator, answer) + label]!),
      ),
  };
}

/** One accuracy for each person, (Σ q of her answers + s) / (answers + 2s); a wrong answer is any other label alike. */
export function oneCoinErrors(table: AnswerTable, smoothing: number): AnnotatorErrors {
  const others = Math.max(table.labels.length - 1, 1);
  const accuracies = new Float64Array(table.annotators.length);
  const right = new Float64Array(accuracies.length);
  const wrong = new Float64Array(accuracies.length);
  return {
    learn(posteriors) {
      const answers = new Float64Array(accuracies.length).fill(2 * smoothing);
      accuracies.fill(smoothing);
      forEachAnswer(table, (unit, annotator, answer) => {
        accuracies[annotator]! += posteriors[unit]![answer]!;
        answers[annotator]!++;
      });
      for (let annotator = 0; annotator < accuracies.length; annotator++) {
        const accuracy = Math.min(
          Math.max(accuracies[annotator]! / answers[annotator]!, leastProbability),
          1 - leastProbability,
        );
        accuracies[annotator] = accuracy;
        right[annotator] = ln(accuracy);
        wrong[annotator] = ln((1 - accuracy) / others);
      }
    },
    addLogs(annotator, answer, into) {
      for (let label = 0; label < into.length; label++) into[label]! += wrong[annotator]!;
      into[answer]! += right[annotator]! - wrong[annotator]!;
    },
    logPrior: () => (smoothing === 0 ? 0 : smoothing * right.reduce((sum, log, a) => sum + log + wrong[a]!, 0)),
    accuracyOf: (annotator) => accuracies[annotator]!,
    confusionOf: () => null,
  };
}

function forEachAnswer(table: AnswerTable, visit: (unit: number, annotator: number, answer: number) => void): void {
  for (let unit = 0; unit < table.units.length; unit++) {
    for (let index = table.starts[unit]!; index < table.starts[unit + 1]!; index++) {
      visit(unit, table.annotatorOf[index]!, table.labelOf[index]!);
    }
  }
}
