import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { HeadScoresType } from './head-scores.type.js';

@ObjectType('RegressionMeasures', { description: 'How far numbers are from their targets.', simpleResolvers: true })
export class RegressionMeasuresType {
  @Field(() => Number, { description: "Mean squared error, in the square of the targets' unit." })
  mse!: number;

  @Field(() => Number, { description: "Root of the mean squared error, in the targets' unit." })
  rmse!: number;

  @Field(() => Number, { description: "Mean absolute error, in the targets' unit." })
  mae!: number;

  @Field(() => Number, {
    nullable: true,
    description:
      'Coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)²: 1 for perfect predictions, 0 for predicting the mean. Null where the targets are all equal.',
  })
  r2!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: "Pearson's correlation, from -1 to 1. Null where the targets or the predictions are all equal.",
  })
  pearson!: number | null;

  @Field(() => Number, {
    nullable: true,
    description:
      "Spearman's correlation, from -1 to 1: Pearson's correlation of the ranks, where equal values share their average rank. Null where the targets or the predictions are all equal.",
  })
  spearman!: number | null;
}

@ObjectType('OutputScores', { description: 'Scores of one number that a head predicts.', simpleResolvers: true })
export class OutputScoresType extends RegressionMeasuresType {
  @Field(() => String, { description: 'Name of the output.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Examples with a target for this output.' })
  exampleCount!: number;
}

@ObjectType('RegressionScores', {
  description: 'Scores of one regression task.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class RegressionScoresType extends HeadScoresType {
  @Field(() => RegressionMeasuresType, {
    description:
      'The plain mean of each measure over the outputs that have it. With a single output, these are its measures.',
  })
  average!: RegressionMeasuresType;

  @Field(() => [OutputScoresType], { description: 'In the order of the outputs.' })
  perOutput!: OutputScoresType[];
}
