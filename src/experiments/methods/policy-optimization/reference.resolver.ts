import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../../access/context.js';
import { existing } from '../../../graphql/load-row.js';
import { BaseModelType, toBaseModelType } from '../../../models/base-model.type.js';
import { PolicyOptimizationType } from './type.js';

@Resolver(() => PolicyOptimizationType)
export class PolicyReferenceResolver {
  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that divergence is measured from; null: the base model.',
  })
  async referenceModel(
    @Root() { referenceUuid }: PolicyOptimizationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    return referenceUuid === null ? null : toBaseModelType(await existing(loaders.baseModels.byId, referenceUuid));
  }
}
