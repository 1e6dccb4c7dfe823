import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../../graphql/problem.type.js';
import { projectSlugOptions } from '../../graphql/project-slug.js';

/** Ids of one call. */
export const mostDeletedRecords = 1000;

@InputType({
  description: 'Which feedback of applications to delete: give exactly one of `feedbackIds` and `subject`.',
})
export class DeleteRecordedFeedbackInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => [ID], {
    nullable: true,
    description: `These, at most ${mostDeletedRecords}. Those that are not in the project any more are passed over.`,
  })
  feedbackIds?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'All that this person said in the project, by the pseudonym that the application gave.',
  })
  subject?: string | null;
}

@ObjectType('DeletedRecordedFeedback', { description: 'Feedback that was deleted.', simpleResolvers: true })
export class DeletedRecordedFeedbackType {
  @Field(() => Int, { description: 'How much; 0: none of it was there, or not any more.' })
  count!: number;
}

export const deleteRecordedFeedbackResult = resultUnion(
  'DeleteRecordedFeedbackResult',
  'How much was deleted; or why nothing was.',
  DeletedRecordedFeedbackType,
);
