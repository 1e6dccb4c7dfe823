import { Arg, Mutation, Resolver } from 'type-graphql';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { MemberType, toMemberType } from './member.type.js';
import { CreateServiceAccountInput } from './service-account.input.js';
import type { ServiceAccountService } from './service-account.service.js';

const createServiceAccountResult = resultUnion(
  'CreateServiceAccountResult',
  'The service account, as a member of its project; or why none was created.',
  MemberType,
);

@Resolver()
export class ServiceAccountResolver {
  constructor(private readonly service: ServiceAccountService) {}

  @Mutation(() => createServiceAccountResult, {
    description:
      'Creates a service account: a member of the project that is no person. Programs act as it with keys that an owner creates (`createApiKey` with its `userId`), so that what they do does not depend on who made the key. `changeMemberRole` changes its role, `removeMember` ends it together with its keys.',
  })
  createServiceAccount(
    @Arg('input', () => CreateServiceAccountInput, { description: 'Its name, and its role.' })
    input: CreateServiceAccountInput,
  ) {
    return orProblems(async () => toMemberType(await this.service.create(input)));
  }
}
