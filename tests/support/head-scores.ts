import type { TaskScores } from '../../src/protocol/evaluation-scores.js';

const average = (precision: number, recall: number, f1: number) => ({ precision, recall, f1 });

/**
 * Scores of one task of each kind, with as few classes as possible. No number occurs twice, so that no score can pass
 * for another.
 */
export const scoresOfKinds: { readonly [Kind in TaskScores['kind']]: Extract<TaskScores, { kind: Kind }> } = {
  classification: {
    kind: 'classification',
    task: 'topic',
    exampleCount: 4,
    accuracy: 0.75,
    loss: 0.51,
    macro: average(0.11, 0.12, 0.13),
    micro: average(0.14, 0.15, 0.16),
    weighted: average(0.17, 0.18, 0.19),
    perClass: [
      { label: 'people', precision: 0.5, recall: 1, f1: 0.66, support: 1 },
      { label: 'weather', precision: 1, recall: 0.6, f1: 0.8, support: 3 },
    ],
    confusionMatrix: [
      [1, 0],
      [1, 2],
    ],
  },
  multiLabel: {
    kind: 'multiLabel',
    task: 'topics',
    exampleCount: 5,
    loss: 0.52,
    subsetAccuracy: 0.2,
    hammingLoss: 0.21,
    micro: average(0.22, 0.23, 0.24),
    macro: average(0.25, 0.26, 0.27),
    weighted: average(0.28, 0.29, 0.3),
    samples: average(0.31, 0.32, 0.33),
    averagePrecision: { macro: 0.34, micro: 0.35 },
    perLabel: [
      {
        label: 'places',
        threshold: 0.4,
        precision: 0.5,
        recall: 0.25,
        f1: 0.33,
        averagePrecision: 0.45,
        support: 4,
        predicted: 2,
        truePositives: 1,
        falsePositives: 1,
        falseNegatives: 3,
        trueNegatives: 0,
      },
    ],
  },
  regression: {
    kind: 'regression',
    task: 'score',
    exampleCount: 6,
    loss: 0.53,
    average: { mse: 4.41, rmse: 2.1, mae: 1.7, r2: 0.6, pearson: 0.8, spearman: null },
    perOutput: [
      { name: 'score', exampleCount: 6, mse: 4.41, rmse: 2.1, mae: 1.7, r2: 0.6, pearson: 0.8, spearman: null },
    ],
  },
  tokenClassification: {
    kind: 'tokenClassification',
    task: 'tags',
    exampleCount: 7,
    wordCount: 30,
    accuracy: 0.9,
    loss: 0.54,
    macro: average(0.41, 0.42, 0.43),
    weighted: average(0.44, 0.45, 0.46),
    perTag: [{ label: 'B-PER', precision: 0.5, recall: 0.4, f1: 0.44, support: 5, predicted: 4, truePositives: 2 }],
    entities: {
      micro: average(0.47, 0.48, 0.49),
      macro: average(0.61, 0.62, 0.63),
      weighted: average(0.64, 0.65, 0.67),
      perType: [{ label: 'PER', precision: 0.5, recall: 0.2, f1: 0.28, support: 5, predicted: 2, truePositives: 1 }],
    },
  },
};
