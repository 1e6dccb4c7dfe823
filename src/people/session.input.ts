import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A session to end.' })
export class EndSessionInput {
  @Field(() => ID, { description: 'The session: one of `viewer { sessions }`.' })
  sessionId!: string;
}
