import { Field, ID, InputType } from 'type-graphql';
import { feedbackLimits as limits } from '../protocol/feedback/feedback-limits.js';
import { FeedbackValueInput } from './feedback-value.type.js';

@InputType({ description: 'The task to get an item of.' })
export class ClaimFeedbackItemInput {
  @Field(() => ID, { description: 'The task.' })
  taskId!: string;
}

@InputType({ description: 'An answer to a claimed item.' })
export class SubmitFeedbackInput {
  @Field(() => ID, { description: 'The claim, which is yours.' })
  claimId!: string;

  @Field(() => FeedbackValueInput, { description: 'What you say of the item.' })
  value!: FeedbackValueInput;

  @Field(() => String, {
    nullable: true,
    description: `What there is to add, in at most ${limits.maxReasonCharacters} characters.`,
  })
  comment?: string | null;
}

@InputType({ description: 'A claimed item that is not answered.' })
export class SkipFeedbackItemInput {
  @Field(() => ID, { description: 'The claim, which is yours.' })
  claimId!: string;

  @Field(() => String, { description: `Why, in 1 to ${limits.maxReasonCharacters} characters.` })
  reason!: string;
}

@InputType({ description: 'A claimed item with which something is wrong.' })
export class FlagFeedbackItemInput {
  @Field(() => ID, { description: 'The claim, which is yours.' })
  claimId!: string;

  @Field(() => String, { description: `What is wrong with it, in 1 to ${limits.maxReasonCharacters} characters.` })
  reason!: string;
}
