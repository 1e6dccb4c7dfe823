import { baselinesOfScores } from './baselines.js';
import type { ClassificationScores, TaskScores } from './evaluation-scores.js';
import { type Finding, shortened } from './findings.js';

/** What scores say of a head: that it predicts the same for everything, or no better than without learning. */
export function judgeScores(scores: TaskScores): Finding[] {
  return [...findOnePrediction(scores), ...findNoBetter(scores)];
}

function findOnePrediction(scores: TaskScores): Finding[] {
  const prediction = onlyPrediction(scores);
  if (prediction === null) return [];
  const { task, kind } = scores;
  const count = kind === 'tokenClassification' ? scores.wordCount : scores.exampleCount;
  return [{ code: 'PREDICTS_ONE_CLASS', task, kind, prediction: prediction.map(shortened), count }];
}

/** What is predicted for everything, although not everything is the same; null where predictions differ. */
function onlyPrediction(scores: TaskScores): readonly string[] | null {
  switch (scores.kind) {
    case 'classification': {
      const { perClass, confusionMatrix } = scores;
      const predicted = perClass.filter((_, c) => confusionMatrix.some((row) => (row[c] ?? 0) > 0));
      const isVaried = perClass.filter(({ support }) => support > 0).length > 1;
      return isVaried && predicted.length === 1 ? predicted.map(({ label }) => label) : null;
    }
    case 'multiLabel': {
      const { perLabel, exampleCount } = scores;
      const isSame = (many: number) => many === 0 || many === exampleCount;
      if (!perLabel.every(({ predicted }) => isSame(predicted)) || perLabel.every(({ support }) => isSame(support))) {
        return null;
      }
      return perLabel.filter(({ predicted }) => predicted > 0).map(({ label }) => label);
    }
    case 'regression': {
      // A correlation is missing where targets or predictions are all equal, R² where targets are.
      const outputs = scores.perOutput.filter(({ exampleCount, r2 }) => exampleCount > 1 && r2 !== null);
      return outputs.length > 0 && outputs.every(({ pearson }) => pearson === null) ? [] : null;
    }
    case 'tokenClassification': {
      const predicted = scores.perTag.filter((tag) => tag.predicted > 0);
      const isVaried = scores.perTag.filter(({ support }) => support > 0).length > 1;
      return isVaried && predicted.length === 1 ? predicted.map(({ label }) => label) : null;
    }
    default:
      return scores satisfies never;
  }
}

function findNoBetter(scores: TaskScores): Finding[] {
  const { task } = scores;
  const baselines = baselinesOfScores(scores);
  const judged = judgedMeasure(scores);
  const baseline = baselines.find(({ measure }) => measure === judged?.measure);
  if (judged === null || baseline === undefined || judged.value > baseline.value) return [];
  return [{ code: 'NOT_BETTER_THAN_BASELINE', task, ...judged, baseline: baseline.value }];
}

/** The score that shows best whether a head of this kind learnt something; null where none does. */
function judgedMeasure(scores: TaskScores) {
  switch (scores.kind) {
    case 'classification':
      return tellsClassesApart(scores) ? null : { measure: 'accuracy' as const, value: scores.accuracy };
    case 'multiLabel':
      return { measure: 'micro.f1' as const, value: scores.micro.f1 };
    case 'regression':
      return scores.average.r2 === null ? null : { measure: 'average.r2' as const, value: scores.average.r2 };
    case 'tokenClassification':
      if (scores.entities === null) return { measure: 'accuracy' as const, value: scores.accuracy };
      return scores.entities.perType.every(({ support }) => support === 0)
        ? null
        : { measure: 'entities.micro.f1' as const, value: scores.entities.micro.f1 };
    default:
      return scores satisfies never;
  }
}

/**
 * Whether the mean recall of the classes that occur is above 1 / C by more than two standard errors: so it may be with
 * an accuracy below the share of a frequent class, if classes are weighted. Of guesses and of a single class, it is
 * 1 / C.
 */
function tellsClassesApart({ perClass }: ClassificationScores): boolean {
  const classes = perClass.filter(({ support }) => support > 0);
  if (classes.length < 2) return false;
  const chance = 1 / classes.length;
  const meanRecall = classes.reduce((sum, { recall }) => sum + recall, 0) / classes.length;
  const variance = classes.reduce((sum, { support }) => sum + (chance * (1 - chance)) / support, 0);
  return meanRecall > chance + (2 * Math.sqrt(variance)) / classes.length;
}
