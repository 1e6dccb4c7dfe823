import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed } from '../graphql/scalars.js';
import { LoraAdapterType, PoolingEnum, TruncationSideEnum, toLoraAdapterType } from '../models/model-settings.type.js';
import type { Freeze, Hyperparameters } from '../protocol/hyperparameters.js';
import type { Pooling } from '../protocol/pooling.js';

export const ScheduleEnum = { CONSTANT: 'constant', LINEAR: 'linear', COSINE: 'cosine' } as const;

registerEnumType(ScheduleEnum, {
  name: 'LearningRateSchedule',
  description: 'The course of the learning rate after the warm-up.',
  valuesConfig: {
    CONSTANT: { description: 'It stays.' },
    LINEAR: { description: 'The learning rate falls in a straight line to 0 at the last step.' },
    COSINE: { description: 'The learning rate falls to 0 at the last step along half a cosine.' },
  },
});

export const FreezeKindEnum = { NONE: 'none', PREFIX: 'prefix', ENCODER: 'encoder' } as const;

registerEnumType(FreezeKindEnum, {
  name: 'FreezeKind',
  description: 'Which part of the base model stays unchanged.',
  valuesConfig: {
    NONE: { description: 'No part: everything is trained.' },
    PREFIX: { description: 'The embeddings and the first `layers` encoder layers.' },
    ENCODER: { description: 'Everything but the heads: a linear probe.' },
  },
});

@ObjectType('Freeze', { description: 'Which part of the base model stays unchanged.', simpleResolvers: true })
export class FreezeType {
  @Field(() => FreezeKindEnum, { description: 'Which part.' })
  kind!: Freeze['kind'];

  @Field(() => Int, {
    nullable: true,
    description: 'Frozen encoder layers beside the embeddings; null unless kind is PREFIX.',
  })
  layers!: number | null;
}

@ObjectType('EarlyStopping', {
  description: 'Ends training when a validation metric stops improving, and keeps the best checkpoint.',
  simpleResolvers: true,
})
export class EarlyStoppingType {
  @Field(() => String, { description: "The metric's key, e.g. validation/loss." })
  metric!: string;

  @Field(() => Int, { description: 'Evaluations without improvement before training stops.' })
  patience!: number;

  @Field(() => Number, { description: "Least change that counts as improvement, in the metric's unit." })
  minDelta!: number;
}

@ObjectType('Hyperparameters', {
  description: 'Hyperparameters of training, with all defaults filled in.',
  simpleResolvers: true,
})
export class HyperparametersType {
  @Field(() => Number, { description: 'Highest learning rate of the schedule.' })
  learningRate!: number;

  @Field(() => Int, { description: 'Passes over the training split.' })
  epochs!: number;

  @Field(() => Int, { description: 'Examples in one forward and backward pass.' })
  batchSize!: number;

  @Field(() => Int, { description: 'Batches whose gradients are averaged before one optimizer step.' })
  gradientAccumulationSteps!: number;

  @Field(() => Number, { description: "AdamW's decoupled weight decay, on matrices only." })
  weightDecay!: number;

  @Field(() => Number, { description: "AdamW's decay of the gradient's running mean." })
  beta1!: number;

  @Field(() => Number, { description: "AdamW's decay of the squared gradient's running mean." })
  beta2!: number;

  @Field(() => Number, { description: "AdamW's addend in the denominator." })
  epsilon!: number;

  @Field(() => Number, { nullable: true, description: 'Global norm the gradient is clipped to; null: no clipping.' })
  maxGradientNorm!: number | null;

  @Field(() => Number, {
    description: 'Share of all optimizer steps over which the learning rate rises from 0, from 0 to 1.',
  })
  warmupRatio!: number;

  @Field(() => ScheduleEnum, { description: 'The course of the learning rate after the warm-up.' })
  schedule!: string;

  @Field(() => Number, {
    nullable: true,
    description:
      "Every dropout probability of the model, from 0 to 0.9; null: the probabilities of the model's own configuration.",
  })
  dropout!: number | null;

  @Field(() => Int, { description: 'Tokens that texts are cut to.' })
  maxLength!: number;

  @Field(() => TruncationSideEnum, { description: 'The side on which texts that are too long are cut.' })
  truncationSide!: 'left' | 'right';

  @Field(() => PoolingEnum, {
    nullable: true,
    description: 'What heads read; null for a family that has a pooling of its own.',
  })
  pooling!: Pooling | null;

  @Field(() => LoraAdapterType, {
    nullable: true,
    description: 'The adapter that is trained with the heads; null: the model itself is trained.',
  })
  adapter!: LoraAdapterType | null;

  @Field(() => Seed, { description: 'Determines initial heads, order of examples and dropout.' })
  seed!: number;

  @Field(() => FreezeType, { description: 'Which part of the base model stays unchanged.' })
  freeze!: FreezeType;

  @Field(() => EarlyStoppingType, { nullable: true, description: 'When to stop before the last epoch; null: never.' })
  earlyStopping!: EarlyStoppingType | null;

  @Field(() => Int, {
    description: 'Optimizer steps between checkpoints; one is also written at the end of each epoch.',
  })
  checkpointEverySteps!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Optimizer steps between evaluations; null: there is one at the end of each epoch alone.',
  })
  evaluateEverySteps!: number | null;
}

export function toHyperparametersType({ freeze, adapter, ...rest }: Hyperparameters): HyperparametersType {
  return Object.assign(new HyperparametersType(), rest, {
    adapter: adapter === null ? null : toLoraAdapterType(adapter),
    freeze: { kind: freeze.kind, layers: freeze.kind === 'prefix' ? freeze.layers : null },
  });
}
