import { Field, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import type { MetricDefinition } from '../protocol/metric-definition.js';
import { ExperimentType } from './experiment.type.js';
import { MetricDefinitionType } from './metric.type.js';

@ObjectType('CrossValidationFold', {
  description: 'The experiment that holds out one fold.',
  simpleResolvers: true,
})
export class CrossValidationFoldType {
  @Field(() => Int, { description: 'The number of the fold.' })
  number!: number;

  @Field(() => ExperimentType, { description: 'The newest experiment that measures on this fold.' })
  experiment!: ExperimentType;
}

@ObjectType('CrossValidatedMetric', {
  description: 'A metric over the experiments of a cross-validation that have succeeded.',
  simpleResolvers: true,
})
export class CrossValidatedMetricType {
  @Field(() => MetricDefinitionType, { description: 'The metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => Number, { description: 'The mean of the newest values of the experiments.' })
  mean!: number;

  @Field(() => Number, {
    nullable: true,
    description:
      'The standard deviation of these values, of the sample: divided by one less than there are. Null for one value. Experiments of a cross-validation share most of their training rows, so that repeated draws of the data would differ by more.',
  })
  standardDeviation!: number | null;

  @Field(() => Int, { description: 'Of how many experiments there is a finite value.' })
  experimentCount!: number;
}

@ObjectType('CrossValidation', {
  description: 'The experiments that were cloned from one, each of which holds out another fold of the training split.',
  simpleResolvers: true,
})
export class CrossValidationType {
  @Field(() => String, { description: "The dataset version's column of the folds." })
  foldColumn!: string;

  @Field(() => [CrossValidationFoldType], { description: 'The folds by their numbers.' })
  folds!: readonly CrossValidationFoldType[];
}

export const createFoldExperimentsResult = resultUnion(
  'CreateFoldExperimentsResult',
  'The experiment, whose `crossValidations` have the new ones, queued; or why none was created.',
  ExperimentType,
);
