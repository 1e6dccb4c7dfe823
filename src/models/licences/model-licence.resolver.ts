import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { rowId } from '../../graphql/global-id.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems, resultUnion } from '../../graphql/problem.type.js';
import { LicenceVerdictType, toLicenceVerdictType } from '../../projects/licences/licence-policy.type.js';
import { judgeLicence } from '../../protocol/licences/judge-licence.js';
import { BaseModelType, toBaseModelType } from '../base-model.type.js';
import { SetModelLicenceInput } from './model-licence.input.js';
import type { ModelLicenceService } from './model-licence.service.js';

const setModelLicenceResult = resultUnion(
  'SetModelLicenceResult',
  'The model with its licence; or why it was not set.',
  BaseModelType,
);

@Resolver(() => BaseModelType)
export class ModelLicenceResolver {
  constructor(private readonly licences: ModelLicenceService) {}

  @FieldResolver(() => LicenceVerdictType, { description: "What the project's licence policy says of its licence." })
  async licenceVerdict(
    @Root() { projectUuid, licence }: BaseModelType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<LicenceVerdictType> {
    const { policy } = await existing(loaders.licencePolicies, projectUuid);
    return toLicenceVerdictType(judgeLicence(licence, policy));
  }

  @Mutation(() => setModelLicenceResult, {
    description:
      "Says under which licence a model is, where its files do not say it or say it wrongly. Only the project's owners can do it. Models that are trained from it later have the same licence, and exports name it.",
  })
  setModelLicence(
    @Arg('input', () => SetModelLicenceInput, { description: 'The model, and its licence.' })
    input: SetModelLicenceInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('BaseModel', input.modelId, ['modelId']);
      await this.licences.set(id, input.licence ?? null);
      return toBaseModelType(await loaded(loaders.baseModels.byId, id));
    });
  }
}
