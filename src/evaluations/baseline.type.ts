import { Field, ObjectType } from 'type-graphql';
import type { Baseline } from '../protocol/baselines.js';
import { ScoreMeasureEnum } from './score-measure.js';

@ObjectType('Baseline', {
  description:
    'A score that a task has without learning anything. A model with no better score has learnt nothing that helps.',
  simpleResolvers: true,
})
export class BaselineType {
  @Field(() => String, { description: 'Name of the task.' })
  task!: string;

  @Field(() => ScoreMeasureEnum, {
    description:
      'The score. Of a classification: ACCURACY and MACRO_F1. Of several labels: MICRO_F1. Of numbers: R2 and MSE. Of tags: ACCURACY and, where they mark entities, ENTITY_F1.',
  })
  measure!: Baseline['measure'];

  @Field(() => Number, { description: 'Its value, in the unit of the score.' })
  value!: number;

  @Field(() => [String], {
    description:
      'What is predicted for everything: the most frequent label or tag; of several labels, those with which the F1 is highest. Empty for numbers, of which the mean is predicted.',
  })
  prediction!: readonly string[];

  @Field(() => String, { description: 'The same in a sentence for people.' })
  description!: string;
}

export function toBaselineType(baseline: Baseline): BaselineType {
  return Object.assign(new BaselineType(), baseline, { description: describe(baseline) });
}

function describe({ measure, prediction }: Baseline): string {
  switch (measure) {
    case 'accuracy':
      return `The share of “${prediction[0] ?? ''}”, the most frequent of all.`;
    case 'macro.f1':
      return `Of predicting “${prediction[0] ?? ''}”, the most frequent label, for every example.`;
    case 'micro.f1':
      return `Of predicting the same labels for every example: the ${prediction.length} most frequent ones, which give the highest F1.`;
    case 'entities.micro.f1':
      return 'Of marking no entity.';
    case 'average.r2':
      return 'Of predicting the mean of the targets.';
    case 'average.mse':
      return 'Of predicting the mean of the targets: their variance.';
    default:
      return measure satisfies never;
  }
}
