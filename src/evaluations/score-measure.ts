import { registerEnumType } from 'type-graphql';

/** The names that `evaluation_scores` has for them. */
export const ScoreMeasureEnum = {
  ACCURACY: 'accuracy',
  LOSS: 'loss',
  MACRO_PRECISION: 'macro.precision',
  MACRO_RECALL: 'macro.recall',
  MACRO_F1: 'macro.f1',
  MICRO_F1: 'micro.f1',
  WEIGHTED_PRECISION: 'weighted,precision',
  WEIGHTED_RECALL: 'weighted,recall',
  WEIGHTED_F1: 'weighted.f1',
} as const;
export type ScoreMeasure = (typeof ScoreMeasureEnum)[keyof typeof ScoreMeasureEnum];

registerEnumType(ScoreMeasureEnum, {
  name: 'ScoreMeasure',
  description: 'A score of a classification task.',
  valuesConfig: {
    ACCURACY: { description: 'Share of examples predicted right, from 0 to 1.' },
    LOSS: { description: 'Mean cross-entropy, nats.' },
    MACRO_PRECISION: { description: 'Precision, every class counting the same; from 0 to 1.' },
    MACRO_RECALL: { description: 'Recall, every class counting the same; from 0 to 1.' },
    MACRO_F1: { description: 'F1, every class counting the same; from 0 to 1.' },
    MICRO_F1: { description: 'F1, every example counting the same; from 0 to 1.' },
    WEIGHTED_PRECISION: { description: 'Precision, classes counting by their support; from 0 to 1.' },
    WEIGHTED_RECALL: { description: 'Recall, classes counting by their support; from 0 to 1.' },
    WEIGHTED_F1: { description: 'F1, classes counting by their support; from 0 to 1.' },
  },
});
