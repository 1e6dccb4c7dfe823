import { Field, ID, InputType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { RoleEnum } from './viewer.type.js';

@InputType({ description: 'A user to add to a project.' })
export class AddMemberInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, {
    description:
      'E-mail address: whoever signs in with this address, verified by the provider, is this user. Upper and lower case count as the same.',
  })
  email!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Name to show for a user whom the server does not know yet, up to 200 characters. Default: the address.',
  })
  name!: string | null;

  @Field(() => RoleEnum, { description: 'What the user may do in the project.' })
  role!: Role;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'A new role for a member.' })
export class ChangeMemberRoleInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => ID, { description: 'The user.' })
  userId!: string;

  @Field(() => RoleEnum, { description: 'The role from now on.' })
  role!: Role;
}

@InputType({ description: 'A member to remove from a project.' })
export class RemoveMemberInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}
