import { registerEnumType } from 'type-graphql';
import type { ScoredKind } from '../models/model-head.type.js';
import type { EvaluationScores } from '../protocol/evaluation-scores.js';
import type { MetricDefinition } from '../protocol/metric-definition.js';

/**
 * Paths into the scores of a task. The table `evaluation_scores` stores the scores under these paths; the trigger that
 * fills it lists the same ones (migrations).
 */
export const ScoreMeasureEnum = {
  ACCURACY: 'accuracy',
  LOSS: 'loss',
  MACRO_PRECISION: 'macro.precision',
  MACRO_RECALL: 'macro.recall',
  MACRO_F1: 'macro.f1',
  MICRO_PRECISION: 'micro.precision',
  MICRO_RECALL: 'micro.recall',
  MICRO_F1: 'micro.f1',
  WEIGHTED_PRECISION: 'weighted.precision',
  WEIGHTED_RECALL: 'weighted.recall',
  WEIGHTED_F1: 'weighted.f1',
  SAMPLES_F1: 'samples.f1',
  SUBSET_ACCURACY: 'subsetAccuracy',
  HAMMING_LOSS: 'hammingLoss',
  MACRO_AVERAGE_PRECISION: 'averagePrecision.macro',
  MICRO_AVERAGE_PRECISION: 'averagePrecision.micro',
  ENTITY_PRECISION: 'entities.micro.precision',
  ENTITY_RECALL: 'entities.micro.recall',
  ENTITY_F1: 'entities.micro.f1',
  MSE: 'average.mse',
  RMSE: 'average.rmse',
  MAE: 'average.mae',
  R2: 'average.r2',
  PEARSON: 'average.pearson',
  SPEARMAN: 'average.spearman',
  PERPLEXITY: 'perplexity',
  BITS_PER_BYTE: 'bitsPerByte',
  TOKEN_ACCURACY: 'tokenAccuracy',
  REWARD_MARGIN: 'margin',
  CALIBRATION_ERROR: 'calibration.error',
  LENGTH_CORRELATION: 'lengthCorrelation',
  REFERENCE_ACCURACY: 'byReference.accuracy',
  REFERENCE_MARGIN: 'byReference.margin',
  REFERENCE_LOSS: 'byReference.loss',
} as const;
export type ScoreMeasure = (typeof ScoreMeasureEnum)[keyof typeof ScoreMeasureEnum];

const ofOutputs = 'With several outputs, the mean over them.';

registerEnumType(ScoreMeasureEnum, {
  name: 'ScoreMeasure',
  description:
    'A score of a task. In a token classification the classes are tags and the examples are words. Heads of different kinds have different scores. New scores may be added.',
  valuesConfig: {
    ACCURACY: { description: 'Share of examples predicted right, from 0 to 1.' },
    LOSS: {
      description:
        'Mean cross-entropy in nats: over examples, and in a multi-label task over examples and labels. For a regression, mean squared error on the standardized scale that the head learns on. Of tokens, the mean −ln p of a token.',
    },
    MACRO_PRECISION: { description: 'Precision, every class counting the same; from 0 to 1.' },
    MACRO_RECALL: { description: 'Recall, every class counting the same; from 0 to 1.' },
    MACRO_F1: { description: 'F1, every class counting the same; from 0 to 1.' },
    MICRO_PRECISION: { description: 'Precision over all decisions of all examples together; from 0 to 1.' },
    MICRO_RECALL: { description: 'Recall over all decisions of all examples together; from 0 to 1.' },
    MICRO_F1: { description: 'F1, every example counting the same; from 0 to 1.' },
    WEIGHTED_PRECISION: { description: 'Precision, classes counting by their support; from 0 to 1.' },
    WEIGHTED_RECALL: { description: 'Recall, classes counting by their support; from 0 to 1.' },
    WEIGHTED_F1: { description: 'F1, classes counting by their support; from 0 to 1.' },
    SAMPLES_F1: { description: "F1 of each example's labels, averaged over the examples; from 0 to 1." },
    SUBSET_ACCURACY: { description: 'Share of examples all of whose labels are predicted right, from 0 to 1.' },
    HAMMING_LOSS: { description: 'Share of wrong decisions among those over all examples and labels, from 0 to 1.' },
    MACRO_AVERAGE_PRECISION: {
      description: 'Area under precision over recall of each label, every label counting the same; from 0 to 1.',
    },
    MICRO_AVERAGE_PRECISION: {
      description: 'Area under precision over recall of all decisions together; from 0 to 1.',
    },
    ENTITY_PRECISION: { description: 'Share of the predicted entities that are right, from 0 to 1.' },
    ENTITY_RECALL: { description: 'Share of the true entities that were predicted, from 0 to 1.' },
    ENTITY_F1: { description: 'Harmonic mean of precision and recall of entities, from 0 to 1.' },
    MSE: { description: `Mean squared error, in the square of the numbers' unit. ${ofOutputs}` },
    RMSE: { description: `Root of the mean squared error, in the numbers' unit. ${ofOutputs}` },
    MAE: { description: `Mean absolute error, in the numbers' unit. ${ofOutputs}` },
    R2: { description: `Coefficient of determination, at most 1. ${ofOutputs}` },
    PEARSON: { description: `Pearson's correlation, from -1 to 1. ${ofOutputs}` },
    SPEARMAN: { description: `Spearman's rank correlation, from -1 to 1. ${ofOutputs}` },
    PERPLEXITY: { description: 'Of tokens: the exponential of the loss.' },
    BITS_PER_BYTE: { description: 'Of tokens: bits for each byte of what is predicted, whatever the tokenizer.' },
    TOKEN_ACCURACY: { description: 'Of tokens: share of those that are predicted right, from 0 to 1.' },
    REWARD_MARGIN: {
      description:
        'Of a reward model: mean difference of the rewards of a pair. Of a language model on judged answers: of the mean ln of the probability of a token, in nats.',
    },
    CALIBRATION_ERROR: {
      description: 'Of a reward model: expected calibration error of its confidence in pairs, from 0 to 1.',
    },
    LENGTH_CORRELATION: {
      description: "Of a reward model: Spearman's correlation of rewards and lengths of answers, from -1 to 1.",
    },
    REFERENCE_ACCURACY: {
      description:
        'Of a language model on judged answers: share of pairs whose better answer has the higher implicit reward, from 0 to 1.',
    },
    REFERENCE_MARGIN: { description: 'Of a language model on judged answers: mean difference of implicit rewards.' },
    REFERENCE_LOSS: {
      description: 'Of a language model on judged answers: mean −ln σ of the difference of implicit rewards, in nats.',
    },
  },
});

const classMeasures = ['ACCURACY', 'LOSS', 'MACRO_PRECISION', 'MACRO_RECALL', 'MACRO_F1'] as const;
const weightedMeasures = ['WEIGHTED_PRECISION', 'WEIGHTED_RECALL', 'WEIGHTED_F1'] as const;

/** The measures that models are compared by, in this order. */
const namesOf: Readonly<Record<ScoredKind, readonly (keyof typeof ScoreMeasureEnum)[]>> = {
  classification: [...classMeasures, 'MICRO_F1', ...weightedMeasures],
  multiLabel: [
    'SUBSET_ACCURACY',
    'LOSS',
    'HAMMING_LOSS',
    'MACRO_PRECISION',
    'MACRO_RECALL',
    'MACRO_F1',
    'MICRO_PRECISION',
    'MICRO_RECALL',
    'MICRO_F1',
    ...weightedMeasures,
    'SAMPLES_F1',
    'MACRO_AVERAGE_PRECISION',
    'MICRO_AVERAGE_PRECISION',
  ],
  regression: ['LOSS', 'MSE', 'RMSE', 'MAE', 'R2', 'PEARSON', 'SPEARMAN'],
  tokenClassification: [...classMeasures, ...weightedMeasures, 'ENTITY_PRECISION', 'ENTITY_RECALL', 'ENTITY_F1'],
  reward: ['ACCURACY', 'LOSS', 'REWARD_MARGIN', 'CALIBRATION_ERROR', 'LENGTH_CORRELATION'],
  preferences: ['ACCURACY', 'REWARD_MARGIN', 'LOSS', 'REFERENCE_ACCURACY', 'REFERENCE_MARGIN', 'REFERENCE_LOSS'],
  tokens: ['LOSS', 'PERPLEXITY', 'BITS_PER_BYTE', 'TOKEN_ACCURACY'],
};

/** The measures of a kind of scores. */
export function scoreMeasuresOf(kind: ScoredKind): ScoreMeasure[] {
  return namesOf[kind].map((name) => ScoreMeasureEnum[name]);
}

const errors: readonly ScoreMeasure[] = [
  'loss',
  'hammingLoss',
  'average.mse',
  'average.rmse',
  'average.mae',
  'perplexity',
  'bitsPerByte',
  'calibration.error',
  'lengthCorrelation',
  'byReference.loss',
];

export function directionOf(measure: ScoreMeasure): MetricDefinition['direction'] {
  return errors.includes(measure) ? 'LOWER_IS_BETTER' : 'HIGHER_IS_BETTER';
}

/** The measure of a task's scores; null where they do not have it, such as the entities of plain tags. */
export function scoreOf(scores: EvaluationScores, measure: ScoreMeasure): number | null {
  const found = measure
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], scores);
  return typeof found === 'number' ? found : null;
}
