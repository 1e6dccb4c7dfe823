import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { RewardType } from './reward.type.js';
import type { RewardSecretService } from './reward-secret.service.js';
import { RewardServiceSecretInput, RewardServiceSecretType, rewardServiceSecretResult } from './reward-secret.type.js';

@Resolver(() => RewardType)
export class RewardResolver {
  constructor(private readonly service: RewardSecretService) {}

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that scores; null: none does, or it is gone.',
  })
  async model(@Root() { modelUuid }: RewardType, @Ctx() { loaders }: GraphQLContext) {
    const model = modelUuid === null ? null : await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }

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
