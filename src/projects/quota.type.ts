import { Field, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { ProjectType } from './project.type.js';
import type { QuotaRow } from './quota.reads.js';

@ObjectType('ProjectQuota', {
  description: 'The limits of a project. They are compared with ProjectUsage wherever something grows.',
  simpleResolvers: true,
})
export class ProjectQuotaType {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Most bytes of files that the project may refer to; null: no limit but the disk.',
  })
  maxStorageBytes!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Most experiments that may be QUEUED when another one is created, cloned or resumed; null: no limit.',
  })
  maxQueuedExperiments!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Most experiments that workers may run at once; others wait, while those of other projects go on. Null: no limit.',
  })
  maxRunningExperiments!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Most feedback tasks that may not have ended when another one is created; null: no limit.',
  })
  maxFeedbackTasks!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Most items that all its feedback tasks may have; null: no limit but that of each task.',
  })
  maxFeedbackItems!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Most records of feedback that applications may make; null: no limit.',
  })
  maxRecordedFeedback!: number | null;
}

@ObjectType('ProjectUsage', { description: 'What a project uses now.', simpleResolvers: true })
export class ProjectUsageType {
  projectUuid!: string;
}

export function toProjectQuotaType({ projectId: _, ...limits }: QuotaRow) {
  return Object.assign(new ProjectQuotaType(), limits);
}

export const setProjectQuotaResult = resultUnion(
  'SetProjectQuotaResult',
  'The project with its new limits; or why they were not changed.',
  ProjectType,
);
