import { Field, Float, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { SamplesSummary } from '../protocol/samples/score-samples-job.js';

type Point = SamplesSummary['curve'][number];

@ObjectType('MeanOfBest', {
  description: 'A mean over prompts, of what the best of k samples is expected to have.',
  simpleResolvers: true,
})
export class MeanOfBestType {
  @Field(() => Float, { description: 'The mean. Each prompt is estimated from all sets of k of its n samples.' })
  mean!: number;

  @Field(() => BigIntScalar, { description: 'Prompts all of whose samples have the value.' })
  prompts!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Beginning of the interval of 95 %, by the bootstrap over prompts; null for fewer than 10 prompts.',
  })
  low!: number | null;

  @Field(() => Float, { nullable: true, description: 'End of the interval; null with `low`.' })
  high!: number | null;
}

@ObjectType('BestOfSource', { description: 'What the best of k has by one of the rewards.', simpleResolvers: true })
export class BestOfSourceType {
  @Field(() => String, { description: 'Name of the reward.' })
  name!: string;

  @Field(() => MeanOfBestType, {
    nullable: true,
    description: 'Its value, before its weight; null: it could score all samples of no prompt.',
  })
  value!: MeanOfBestType | null;
}

@ObjectType('BestOfPoint', {
  description:
    'What is expected of the best of k samples, chosen by the reward. Samples of equal reward are equally likely.',
  simpleResolvers: true,
})
export class BestOfPointType {
  @Field(() => Int, { description: 'Of so many samples the best is taken.' })
  k!: number;

  @Field(() => MeanOfBestType, { description: 'The reward by which it is chosen.' })
  reward!: MeanOfBestType;

  @Field(() => MeanOfBestType, {
    nullable: true,
    description:
      'The reward by which it is not chosen; null: there is none. Where it falls while `reward` rises, the choice is too greedy.',
  })
  gold!: MeanOfBestType | null;

  @Field(() => MeanOfBestType, { description: 'Its length in tokens.' })
  tokens!: MeanOfBestType;

  @Field(() => [BestOfSourceType], { description: 'By each of the rewards, in the order of the list.' })
  bySource!: BestOfSourceType[];

  @Field(() => Float, {
    description: 'The divergence from the model is at most this: ln k − (k − 1) / k nats (Beirami et al. 2024).',
  })
  klBound!: number;
}

export function toBestOfPointType({ bySource, ...point }: Point, names: readonly string[]): BestOfPointType {
  return Object.assign(new BestOfPointType(), point, {
    bySource: names.map((name, i) => Object.assign(new BestOfSourceType(), { name, value: bySource[i] ?? null })),
  });
}
