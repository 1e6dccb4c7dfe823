import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A user to act on.' })
export class UserActionInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}

@InputType({ description: 'A user, and whether that user administers the server.' })
export class SetAdministratorInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;

  @Field(() => Boolean, {
    description:
      'true: the user becomes an administrator, who is an owner of every project and may create projects; false: no longer.',
  })
  administrator!: boolean;
}
