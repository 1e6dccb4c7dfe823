import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { type Sql, sql } from '../database/sql.js';
import { PageArgs } from '../graphql/connection.js';
import { anyOf, rowIds, values } from '../graphql/filter-values.js';
import type { FeedbackKind, FeedbackTaskStatus } from '../protocol/feedback.js';
import { FeedbackKindEnum } from './feedback-question.type.js';
import { FeedbackTaskStatusEnum } from './feedback-task.type.js';

@InputType({ description: 'Which tasks to list: those that match every field. A null field restricts nothing.' })
export class FeedbackTaskFilter {
  @Field(() => [FeedbackTaskStatusEnum], { nullable: true, description: `In one of these statuses. ${anyOf}` })
  status?: FeedbackTaskStatus[] | null;

  @Field(() => [FeedbackKindEnum], { nullable: true, description: `With a question of one of these kinds. ${anyOf}` })
  kind?: FeedbackKind[] | null;
}

@ArgsType()
export class FeedbackTaskListArgs extends PageArgs {
  @Field(() => FeedbackTaskFilter, {
    nullable: true,
    description: 'Only tasks that match this filter. Default: all.',
  })
  filter?: FeedbackTaskFilter | null;
}

/** Conditions on `feedback_tasks t`. Throws a GraphQL error BAD_USER_INPUT. */
export function taskConditions({ status, kind }: FeedbackTaskFilter): Sql[] {
  return [
    ...(status == null ? [] : [sql`t.status = ANY(${values('status', status)}::text[])`]),
    ...(kind == null ? [] : [sql`t.kind = ANY(${values('kind', kind)}::text[])`]),
  ];
}

@InputType({ description: 'Which items to list: those that match every field. A null field restricts nothing.' })
export class FeedbackItemFilter {
  @Field(() => Boolean, { nullable: true, description: 'Whether they have all answers that they need.' })
  settled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether they are gold items.' })
  gold?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether somebody flagged them.' })
  flagged?: boolean | null;

  @Field(() => [String], { nullable: true, description: `Of one of these groups. ${anyOf}` })
  group?: string[] | null;
}

@ArgsType()
export class FeedbackItemListArgs extends PageArgs {
  @Field(() => FeedbackItemFilter, {
    nullable: true,
    description: 'Only items that match this filter. Default: all.',
  })
  filter?: FeedbackItemFilter | null;
}

/** Conditions on `feedback_items i`. Throws a GraphQL error BAD_USER_INPUT. */
export function itemConditions({ settled, gold, flagged, group }: FeedbackItemFilter): Sql[] {
  return [
    ...(settled == null ? [] : [sql`(i.settled_at IS NOT NULL) = ${settled}::boolean`]),
    ...(gold == null ? [] : [sql`(i.gold IS NOT NULL) = ${gold}::boolean`]),
    ...(flagged == null ? [] : [sql`(i.flag_count > 0) = ${flagged}::boolean`]),
    ...(group == null ? [] : [sql`i.group_key = ANY(${values('group', group)}::text[])`]),
  ];
}

@InputType({ description: 'Which answers to list: those that match every field. A null field restricts nothing.' })
export class FeedbackAnswerFilter {
  @Field(() => [ID], { nullable: true, description: `Of one of these users. ${anyOf}` })
  user?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether they came late.' })
  late?: boolean | null;
}

@ArgsType()
export class FeedbackAnswerListArgs extends PageArgs {
  @Field(() => FeedbackAnswerFilter, {
    nullable: true,
    description: 'Only answers that match this filter. Default: all.',
  })
  filter?: FeedbackAnswerFilter | null;
}

/**
 * Conditions on `feedback_answers a`. Throws a GraphQL error BAD_USER_INPUT.
 * @param onlyOf row id of the user whose answers alone may be seen; null: all may
 */
export function answerConditions({ user, late }: FeedbackAnswerFilter, onlyOf: string | null): Sql[] {
  return [
    ...(user == null ? [] : [sql`a.user_id = ANY(${rowIds('user', 'User', user)}::uuid[])`]),
    ...(late == null ? [] : [sql`a.late = ${late}::boolean`]),
    ...(onlyOf === null ? [] : [sql`a.user_id = ${onlyOf}::uuid`]),
  ];
}
