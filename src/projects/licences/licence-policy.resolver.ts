import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { ProjectType, toProjectType } from '../project.type.js';
import { SetLicencePolicyInput } from './licence-policy.input.js';
import type { LicencePolicyService } from './licence-policy.service.js';
import { LicencePolicyType, setLicencePolicyResult, toLicencePolicyType } from './licence-policy.type.js';

@Resolver(() => ProjectType)
export class ProjectLicencePolicyResolver {
  constructor(private readonly policies: LicencePolicyService) {}

  @FieldResolver(() => LicencePolicyType, {
    description:
      'Which licences of models the project takes. It counts where models are inspected and imported, and where experiments start from one. At first nothing is refused, and models of unknown licence are warned of.',
  })
  async licencePolicy(@Root() { uuid }: ProjectType, @Ctx() { loaders }: GraphQLContext): Promise<LicencePolicyType> {
    return toLicencePolicyType((await existing(loaders.licencePolicies, uuid)).policy);
  }

  @Mutation(() => setLicencePolicyResult, {
    description:
      "Sets which licences of models a project takes. Only the project's owners can do it. Models and experiments that exist stay; new experiments can not start from a model that is denied.",
  })
  setLicencePolicy(
    @Arg('input', () => SetLicencePolicyInput, { description: 'The project, and its policy.' })
    input: SetLicencePolicyInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const projectId = await this.policies.set(input);
      loaders.licencePolicies.clear(projectId);
      return toProjectType(await loaded(loaders.projects, projectId));
    });
  }
}
