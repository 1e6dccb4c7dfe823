import { Field, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import type { ExperimentPlan } from './experiment-plan.js';
import { HyperparametersType, toHyperparametersType } from './hyperparameters.type.js';
import { TrainingMethod, toMethodType } from './method.type.js';

@ObjectType('ExperimentPlan', {
  description: 'What an experiment would do, worked out before anything is spent.',
  simpleResolvers: true,
})
export class ExperimentPlanType {
  @Field(() => TrainingMethod, { description: 'The method with labels resolved.' })
  method!: typeof TrainingMethod;

  @Field(() => HyperparametersType, { description: 'All hyperparameters, defaults filled in.' })
  hyperparameters!: HyperparametersType;

  @Field(() => BigIntScalar, { description: 'Examples of the training split that have a text and at least one label.' })
  trainExamples!: number;

  @Field(() => BigIntScalar, {
    description: 'Examples of the validation split that have a text and at least one label.',
  })
  validationExamples!: number;

  @Field(() => Int, { description: 'Optimizer steps of one epoch.' })
  stepsPerEpoch!: number;

  @Field(() => Int, { description: 'Optimizer steps in all, unless early stopping ends it sooner.' })
  totalSteps!: number;

  @Field(() => BigIntScalar, { description: 'Numbers that training changes, new heads included.' })
  trainableParameters!: number;

  @Field(() => BigIntScalar, { description: 'Numbers that stay as they are.' })
  frozenParameters!: number;

  @Field(() => BigIntScalar, {
    description: 'Estimated peak memory of the training thread, bytes: weights, gradients, moments and activations.',
  })
  estimatedMemoryBytes!: number;

  @Field(() => BigIntScalar, { description: 'Estimated size of one checkpoint, bytes.' })
  estimatedCheckpointBytes!: number;
}

export const planExperimentResult = resultUnion(
  'PlanExperimentResult',
  'The plan, or all that createExperiment would refuse.',
  ExperimentPlanType,
);

export function toExperimentPlanType({ spec, ...plan }: ExperimentPlan): ExperimentPlanType {
  return Object.assign(new ExperimentPlanType(), plan, {
    method: toMethodType(spec),
    hyperparameters: toHyperparametersType(spec.hyperparameters),
  });
}
