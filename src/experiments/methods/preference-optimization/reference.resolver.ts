import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../../access/context.js';
import { existing } from '../../../graphql/load-row.js';
import { BaseModelType, toBaseModelType } from '../../../models/base-model.type.js';
import { PreferenceOptimizationType } from './type.js';

@Resolver(() => PreferenceOptimizationType)
export class PreferenceReferenceResolver {
  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that log-ratios are to; null: the base model, or none.',
  })
  async referenceModel(
    @Root() { referenceUuid }: PreferenceOptimizationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    return referenceUuid === null ? null : toBaseModelType(await existing(loaders.baseModels.byId, referenceUuid));
  }
}
