import { Field, Float, ID, InputType } from 'type-graphql';
import { TrainingMethodInput } from '../experiments/methods/input.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { BigIntScalar } from '../graphql/scalars.js';

@InputType({ description: 'What a training may take.' })
export class TrainingBudgetInput {
  @Field(() => BigIntScalar, { nullable: true, description: 'Bytes of memory, from 1. Null: no limit.' })
  memoryBytes?: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds, above 0. Null: no limit.' })
  seconds?: number | null;
}

@InputType({ description: 'A task, for which models are to be compared before one is trained.' })
export class RecommendBaseModelsInput {
  @Field(() => ID, { description: 'The data to learn from.' })
  datasetVersionId!: string;

  @Field(() => TrainingMethodInput, { description: 'What is to be learned, as `createExperiment` takes it.' })
  method!: TrainingMethodInput;

  @Field(() => String, { defaultValue: 'train', description: 'The split to learn from.' })
  trainSplit!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The split that a training would be measured on. Default: as of `createExperiment`.',
  })
  validationSplit?: string | null;

  @Field(() => TrainingBudgetInput, { nullable: true, description: 'What a training may take. Default: no limits.' })
  budget?: TrainingBudgetInput | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'The models to compare, 1 to 50. Default: the 50 newest of the project that no experiment has made.',
  })
  baseModelIds?: string[] | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A recommendation to act on.' })
export class ModelRecommendationActionInput {
  @Field(() => ID, { description: 'The recommendation.' })
  recommendationId!: string;
}
