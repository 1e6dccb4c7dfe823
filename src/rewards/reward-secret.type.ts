import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { projectSlugOptions } from '../graphql/project-slug.js';

@InputType({ description: 'A reward service.' })
export class RewardServiceSecretInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Its URL, as the reward has it.' })
  url!: string;

  @Field(() => Int, { defaultValue: 1, description: 'Which of its secrets.' })
  secretNumber!: number;
}

@ObjectType('RewardServiceSecret', {
  description: 'What a reward service checks signatures by.',
  simpleResolvers: true,
})
export class RewardServiceSecretType {
  @Field(() => String, {
    description: 'The secret, “whsec_” and base64. It is the same each time, in this project, for this URL and number.',
  })
  secret!: string;
}

export const rewardServiceSecretResult = resultUnion(
  'RewardServiceSecretResult',
  'The secret; or why there is none.',
  RewardServiceSecretType,
);
