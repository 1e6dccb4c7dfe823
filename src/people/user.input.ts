import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A user to act on.' })
export class UserActionInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}

@InputType({ description: 'Whether a user administers the server.' })
export class SetAdministratorInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;

  @Field(() => Boolean, { description: 'true: an owner of every project, who may make projects; false: no longer.' })
  administrator!: boolean;
}
