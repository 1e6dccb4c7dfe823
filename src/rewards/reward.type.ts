import { Field, Float, ObjectType } from 'type-graphql';
import type { Reward } from '../protocol/rewards/reward-spec.js';
import { inputOfReward } from './input-of-reward.js';

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

  @Field(() => String, {
    description:
      'Where it comes from, as JSON in the form of RewardSourceInput: an object with one field, such as `lengthCost`. A unit is in small letters.',
  })
  by!: string;
}

export function toRewardType(reward: Reward): RewardType {
  const { name, weight, by } = inputOfReward(reward);
  const modelUuid = 'modelId' in reward.source ? reward.source.modelId : null;
  return Object.assign(new RewardType(), { name, weight, by: JSON.stringify(by), modelUuid });
}
