import { Field, InputType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { RoleEnum } from './viewer.type.js';

@InputType({ description: 'A service account to create in a project.' })
export class CreateServiceAccountInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, {
    description:
      'What the audit log and lists show, 1 to 100 characters. No other service account of the project has the same, whatever the case.',
  })
  name!: string;

  @Field(() => RoleEnum, { description: 'What the service account may do in the project.' })
  role!: Role;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}
