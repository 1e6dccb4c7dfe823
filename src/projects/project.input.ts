import { Field, InputType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';

@InputType({ description: 'A project to create.' })
export class CreateProjectInput {
  @Field(() => String, {
    description:
      'Short name for URLs, unique on the server: 1 to 63 lower-case letters, digits and `-`, the first one a letter or digit.',
  })
  slug!: string;

  @Field(() => String, { description: 'Name to show, 1 to 200 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'What to change about a project.' })
export class UpdateProjectInput {
  @Field(() => String, {
    ...projectSlugOptions,
    description: `${projectSlugOptions.description} The slug itself can not be changed.`,
  })
  projectSlug!: string;

  @Field(() => String, { description: 'Name to show, 1 to 200 characters.' })
  name!: string;
}
