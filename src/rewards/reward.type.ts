import { Field, Float, ObjectType } from 'type-graphql';
import type { Reward } from '../protocol/rewards/reward-spec.js';
import { RewardSourceUnion, toRewardSourceType } from './reward-source.type.js';

@ObjectType('Reward', {
  description: 'One of the rewards of an answer; they are added up, each times its weight.',
  simpleResolvers: true,
})
export class RewardType {
  /** Null: no model scores. */
  modelUuid!: string | null;

  @Field(() => String, { description: 'Under which it is measured.' })
  name!: string;

  @Field(() => Float, { description: 'What its value is multiplied by.' })
  weight!: number;

  @Field(() => RewardSourceUnion, { description: 'Where it comes from.' })
  by!: typeof RewardSourceUnion;
}

export function toRewardType({ name, weight, source }: Reward): RewardType {
  const modelUuid = 'modelId' in source ? source.modelId : null;
  return Object.assign(new RewardType(), { name, weight, by: toRewardSourceType(source), modelUuid });
}
