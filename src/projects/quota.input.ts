import { Field, InputType, Int } from 'type-graphql';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { BigIntScalar } from '../graphql/scalars.js';

const leftOut = 'Null: no limit. Left out: unchanged.';

@InputType({
  description: 'The limits of a project. Whatever exists already stays, even when a limit is below it.',
})
export class SetProjectQuotaInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: `Most bytes of files that the project may refer to, from 0 to 2^53. ${leftOut}`,
  })
  maxStorageBytes?: number | bigint | null;

  @Field(() => Int, {
    nullable: true,
    description: `Most experiments that may be QUEUED when another one is created, cloned or resumed, from 0. ${leftOut}`,
  })
  maxQueuedExperiments?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Most experiments that workers may run at once, from 0. Running experiments go on. ${leftOut}`,
  })
  maxRunningExperiments?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Most feedback tasks that may be PREPARING, OPEN or PAUSED when another one is created, from 0. ${leftOut}`,
  })
  maxFeedbackTasks?: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: `Most items that all feedback tasks of the project may have, those of gold and of closed tasks included, from 0 to 2^53. ${leftOut}`,
  })
  maxFeedbackItems?: number | bigint | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: `Most records of feedback that applications may make, from 0 to 2^53. ${leftOut}`,
  })
  maxRecordedFeedback?: number | bigint | null;
}
