import { Arg, Mutation, Resolver } from 'type-graphql';
import { orProblems } from '../graphql/problem.type.js';
import type { RewardSecretService } from './reward-secret.service.js';
import { RewardServiceSecretInput, RewardServiceSecretType, rewardServiceSecretResult } from './reward-secret.type.js';

@Resolver()
export class RewardResolver {
  constructor(private readonly service: RewardSecretService) {}

  @Mutation(() => rewardServiceSecretResult, {
    description:
      'The secret that requests to a reward service are signed with, by Standard Webhooks. It is derived from the secret of the server and stored nowhere; who read it stands in the audit log.',
  })
  rewardServiceSecret(
    @Arg('input', () => RewardServiceSecretInput, { description: 'Of which service.' }) input: RewardServiceSecretInput,
  ) {
    return orProblems(async () =>
      Object.assign(new RewardServiceSecretType(), { secret: await this.service.secretOf(input) }),
    );
  }
}
