import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import { FrozenWeightsEnum } from '../../models/model-settings.type.js';
import type { FrozenWeights } from '../../protocol/frozen-weights.js';
import type { MemoryToTrain, TrainingWay } from './memory-to-train.js';

const TrainingWayEnum = {
  FULL: 'FULL',
  HEAD_ALONE: 'HEAD_ALONE',
  LOW_RANK_ADAPTER: 'LOW_RANK_ADAPTER',
} as const satisfies Record<TrainingWay, TrainingWay>;

registerEnumType(TrainingWayEnum, {
  name: 'TrainingWay',
  description: 'What of a model is trained.',
  valuesConfig: {
    FULL: { description: 'All of its weights.' },
    HEAD_ALONE: { description: 'A head; the model stays as it is.' },
    LOW_RANK_ADAPTER: { description: 'A low-rank adapter (LoRA); the model stays as it is.' },
  },
});

@ArgsType()
export class TrainingMemoryArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'Examples of a batch, from 1 to 1,024. Default: 16; where tokens are predicted, 8.',
  })
  batchSize?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Tokens that texts are cut to, from 4 to 8,192; more than the model's context counts as that. Default: 128; where tokens are predicted, 256.",
  })
  maxLength?: number | null;

  @Field(() => Int, { nullable: true, description: 'Rank of an adapter, from 1 to 1,024. Default: 8.' })
  rank?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the tokens of texts are predicted, as in language modelling and instruction tuning, or else a classification of two labels. Default: true for models that predict the next token. Without effect for models that predict none.',
  })
  predictsTokens?: boolean | null;
}

@ObjectType('MemoryEstimate', { description: 'What one way of training takes.', simpleResolvers: true })
class MemoryEstimateType {
  @Field(() => TrainingWayEnum, { description: 'What is trained.' })
  way!: TrainingWay;

  @Field(() => FrozenWeightsEnum, {
    nullable: true,
    description: 'How the weights under an adapter are held; null for other ways.',
  })
  frozenWeights!: FrozenWeights | null;

  @Field(() => BigIntScalar, { description: 'Numbers that training changes, a new head included.' })
  trainableParameters!: number;

  @Field(() => BigIntScalar, { description: 'Numbers that stay unchanged.' })
  frozenParameters!: number;

  @Field(() => BigIntScalar, { description: 'Estimated peak memory of the training thread, bytes.' })
  bytes!: number;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether that is at most what the largest worker may take; null where no worker that is online says.',
  })
  fits!: boolean | null;
}

@ObjectType('TrainingMemory', {
  description:
    'What training a model takes in memory, estimated as plans of experiments estimate it, of the weights as float32.',
  simpleResolvers: true,
})
export class TrainingMemoryType {
  @Field(() => Int, { description: 'Examples of a batch.' })
  batchSize!: number;

  @Field(() => Int, { description: 'Tokens that texts are cut to.' })
  maxLength!: number;

  @Field(() => Int, { description: 'Rank of the adapter, on the projections that get one by default.' })
  rank!: number;

  @Field(() => Boolean, { description: 'Whether the tokens of texts are predicted, or else one classification.' })
  predictsTokens!: boolean;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Memory of the largest worker that is online, bytes; null where none says.',
  })
  largestWorkerBytes!: number | null;

  @Field(() => [MemoryEstimateType], { description: 'Each way in which the model can be trained.' })
  ways!: MemoryEstimateType[];
}

/** @param largestWorkerBytes null: not known */
export function toTrainingMemoryType(memory: MemoryToTrain, largestWorkerBytes: number | null): TrainingMemoryType {
  return Object.assign(new TrainingMemoryType(), memory, {
    largestWorkerBytes,
    ways: memory.ways.map((estimate) =>
      Object.assign(new MemoryEstimateType(), estimate, {
        fits: largestWorkerBytes === null ? null : estimate.bytes <= largestWorkerBytes,
      }),
    ),
  });
}
