import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import { TransferStatus } from '../protocol/job.js';
import type { RecommendationRow } from './recommendation.reads.js';
import { RecommendedModelType, toRecommendedModelType } from './recommended-model.type.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
const RecommendationStatusEnum = { ...TransferStatus.enum };

registerEnumType(RecommendationStatusEnum, {
  name: 'ModelRecommendationStatus',
  description: 'Where a recommendation stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker measures the models. If the worker is lost, the next one does.' },
    SUCCEEDED: { description: 'The order is there.' },
    FAILED: { description: 'There is no order; `problem` says why.' },
    CANCELED: { description: 'A user canceled it.' },
  },
});

@ObjectType('RecommendationProgress', { description: 'How far a recommendation has come.', simpleResolvers: true })
export class RecommendationProgressType {
  @Field(() => Int, { description: 'Models that are measured.' })
  modelsDone!: number;

  @Field(() => Int, { description: 'Models to measure.' })
  modelsTotal!: number;

  @Field(() => String, { nullable: true, description: 'The model at work; null between two.' })
  currentModel!: string | null;
}

@ObjectType('ModelRecommendation', {
  description: 'Which base models are best for a task, by what was measured on its data.',
  implements: Node,
  simpleResolvers: true,
})
export class RecommendationType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  datasetVersionUuid!: string;

  @Field(() => RecommendationStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and the work has not ended yet.' })
  canceling!: boolean;

  @Field(() => RecommendationProgressType, {
    nullable: true,
    description: 'How far it has come; null before it begins.',
  })
  progress!: RecommendationProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed; null if it did not.' })
  problem!: ProblemType | null;

  @Field(() => [RecommendedModelType], {
    nullable: true,
    description: 'The models, the best first, those that are out of the question last; null until it has succeeded.',
  })
  models!: RecommendedModelType[] | null;

  @Field(() => DateTime, { description: 'When it was requested.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const recommendations = connectionOf('ModelRecommendation', 'recommendations', RecommendationType);

export const recommendBaseModelsResult = resultUnion(
  'RecommendBaseModelsResult',
  'The queued recommendation; or why it was not queued.',
  RecommendationType,
);

export const cancelModelRecommendationResult = resultUnion(
  'CancelModelRecommendationResult',
  'The recommendation; or why it can not be canceled.',
  RecommendationType,
);

export function toRecommendationType({ ranking, problem, ...row }: RecommendationRow): RecommendationType {
  return Object.assign(new RecommendationType(), {
    ...row,
    id: globalId('ModelRecommendation', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    datasetVersionUuid: row.datasetVersionId,
    problem: problem === null ? null : toProblemType(problem),
    models: ranking === null ? null : ranking.models.map(toRecommendedModelType),
  });
}
