import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { type Sql, sql } from '../../database/sql.js';
import { PageArgs } from '../../graphql/connection.js';
import { anyOf, rowIds, values } from '../../graphql/filter-values.js';
import type { FeedbackKind } from '../../protocol/feedback.js';
import { FeedbackKindEnum } from '../feedback-question.type.js';

@InputType({
  description: 'Which feedback to list: what matches every field. A null field restricts nothing.',
})
export class RecordedFeedbackFilter {
  @Field(() => [FeedbackKindEnum], {
    nullable: true,
    description: `Of one of these kinds: THUMBS, RATING for scores, LABELS, or CORRECTION for better answers. ${anyOf}`,
  })
  kind?: FeedbackKind[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Thumbs that are up, or down; nothing else matches then.' })
  up?: boolean | null;

  @Field(() => [ID], { nullable: true, description: `About one of these models. ${anyOf}` })
  model?: string[] | null;

  @Field(() => [String], { nullable: true, description: `From one of these people, by the pseudonym. ${anyOf}` })
  subject?: string[] | null;
}

@ArgsType()
export class RecordedFeedbackListArgs extends PageArgs {
  @Field(() => RecordedFeedbackFilter, {
    nullable: true,
    description: 'Only feedback that matches this filter. Default: all.',
  })
  filter?: RecordedFeedbackFilter | null;
}

/** Conditions on `recorded_feedback f`. Throws a GraphQL error BAD_USER_INPUT. */
export function recordedConditions({ kind, up, model, subject }: RecordedFeedbackFilter): Sql[] {
  return [
    ...(kind == null ? [] : [sql`f.value ->> 'kind' = ANY(${values('kind', kind)}::text[])`]),
    ...(up == null ? [] : [sql`f.value @> ${JSON.stringify({ kind: 'thumbs', up })}::jsonb`]),
    ...(model == null ? [] : [sql`f.base_model_id = ANY(${rowIds('model', 'BaseModel', model)}::uuid[])`]),
    ...(subject == null ? [] : [sql`f.subject = ANY(${values('subject', subject)}::text[])`]),
  ];
}
