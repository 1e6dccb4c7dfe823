import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { FrozenWeights } from '../protocol/frozen-weights.js';
import type { LoraConfig } from '../protocol/model-manifest.js';

export const PoolingEnum = { FIRST_TOKEN: 'firstToken', LAST_TOKEN: 'lastToken', MEAN: 'mean' } as const;

registerEnumType(PoolingEnum, {
  name: 'Pooling',
  description: "What a model's heads read.",
  valuesConfig: {
    FIRST_TOKEN: {
      description: "The first token's state through a pooler, as transformers' …ForSequenceClassification has it.",
    },
    LAST_TOKEN: {
      description: "The last token's state, as transformers' …ForSequenceClassification of causal models has it.",
    },
    MEAN: { description: 'The mean over all tokens.' },
  },
});

export const TruncationSideEnum = { LEFT: 'left', RIGHT: 'right' } as const;

registerEnumType(TruncationSideEnum, {
  name: 'TruncationSide',
  description: 'Where a text that is too long is cut.',
  valuesConfig: {
    LEFT: { description: 'At its beginning: the end is kept.' },
    RIGHT: { description: 'At its end: the beginning is kept.' },
  },
});

export const FrozenWeightsEnum = { FLOAT32: 'float32', FLOAT16: 'float16', INT8: 'int8', INT4: 'int4' } as const;

registerEnumType(FrozenWeightsEnum, {
  name: 'FrozenWeights',
  description:
    'How the weights that an adapter leaves unchanged are held in memory while it is trained. What is computed, and the adapter, are float32 in any case.',
  valuesConfig: {
    FLOAT32: { description: 'As they are: 4 bytes a weight, and copies in graphs where they are few.' },
    FLOAT16: { description: 'Rounded to 2 bytes, held once.' },
    INT8: {
      description: 'Blocks of 32 weights in 256 steps, held once: 1.2 bytes a weight of the projections.',
    },
    INT4: {
      description:
        'Blocks of 32 weights in 16 steps, held once: 0.7 bytes a weight of the projections (QLoRA, arXiv:2305.14314).',
    },
  },
});

@ObjectType('LoraAdapter', {
  description: 'A low-rank adapter (LoRA, arXiv:2106.09685): beside each target W, scale · B A is learnt, and W stays.',
  simpleResolvers: true,
})
export class LoraAdapterType {
  @Field(() => Int, { description: 'Rank of A and B.' })
  rank!: number;

  @Field(() => Number, { description: 'Numerator of the scale.' })
  alpha!: number;

  @Field(() => Boolean, { description: 'Whether the scale is alpha / √rank (rsLoRA), not alpha / rank.' })
  rankStabilized!: boolean;

  @Field(() => Number, { description: 'Probability of dropping an input of A in training.' })
  dropout!: number;

  @Field(() => [String], {
    description:
      "The adapted projections. Each is a module's whole name, or its ending after a dot; or a single pattern `regex:…` matches whole names, or a single `all-linear` stands for all.",
  })
  targetModules!: string[];

  @Field(() => FrozenWeightsEnum, {
    description: 'How the weights under the adapter are held, or were held, while it is trained.',
  })
  frozenWeights!: FrozenWeights;

  @Field(() => Number, { description: 'Factor of B A.' })
  scale!: number;
}

export function toLoraAdapterType(config: LoraConfig): LoraAdapterType {
  const { rank, alpha, rankStabilized, frozenWeights = 'float32' } = config;
  const scale = alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  return Object.assign(new LoraAdapterType(), config, { scale, frozenWeights });
}
