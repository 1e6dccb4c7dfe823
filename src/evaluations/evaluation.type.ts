import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { ClassificationScores } from '../protocol/evaluation-scores.js';
import type { EvaluationRow } from './evaluation.reads.js';

export const EvaluationStatusEnum = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
} as const;
export type EvaluationStatus = keyof typeof EvaluationStatusEnum;

registerEnumType(EvaluationStatusEnum, {
  name: 'EvaluationStatus',
  description: 'Where an evaluation stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker.' },
    RUNNING: { description: 'A worker is scoring.' },
    SUCCEEDED: { description: 'The scores are there.' },
    FAILED: { description: 'There are none; see `problem`.' },
  },
});

@ObjectType('AveragedScores', {
  description: 'Precision, recall and F1 averaged over the classes.',
  simpleResolvers: true,
})
export class AveragedScoresType {
  @Field(() => Number, { description: 'From 0 to 1.' })
  precision!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  recall!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  f1!: number;
}

@ObjectType('ClassScores', { description: 'Scores of one class.', simpleResolvers: true })
export class ClassScoresType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: 'Of what was predicted as this, the share that is; 0 when nothing was.' })
  precision!: number;

  @Field(() => Number, { description: 'Of what is this, the share that was predicted as it; 0 when nothing is.' })
  recall!: number;

  @Field(() => Number, { description: 'Harmonic mean of precision and recall; 0 when both are.' })
  f1!: number;

  @Field(() => BigIntScalar, { description: 'Examples whose true label this is.' })
  support!: number;
}

@ObjectType('ConfusionMatrix', { description: 'What was predicted as what.', simpleResolvers: true })
export class ConfusionMatrixType {
  @Field(() => [String], { description: 'Names of rows and columns.' })
  labels!: string[];

  @Field(() => [[BigIntScalar]], { description: 'Examples by true label (row) and predicted label (column).' })
  counts!: number[][];
}

@ObjectType('TaskScores', { description: 'Scores of one classification task.', simpleResolvers: true })
export class TaskScoresType {
  @Field(() => String, { description: 'Name of the task: of the head that was scored.' })
  task!: string;

  @Field(() => BigIntScalar, { description: 'Examples scored: those with a label in the column.' })
  exampleCount!: number;

  @Field(() => Number, { description: 'Share of examples predicted right, from 0 to 1.' })
  accuracy!: number;

  @Field(() => Number, { description: 'Mean cross-entropy, nats. Uniform chance among C labels has ln C.' })
  loss!: number;

  @Field(() => AveragedScoresType, { description: 'Every class counts the same.' })
  macro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Every example counts the same.' })
  micro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Classes count by their support.' })
  weighted!: AveragedScoresType;

  @Field(() => [ClassScoresType], { description: 'In the order of the labels.' })
  perClass!: ClassScoresType[];

  @Field(() => ConfusionMatrixType, { description: 'What was predicted as what.' })
  confusionMatrix!: ConfusionMatrixType;
}

@ObjectType('EvaluationTask', { description: 'Which head is scored against which column.', simpleResolvers: true })
export class EvaluationTaskType {
  @Field(() => String, { description: 'Name of the head.' })
  task!: string;

  @Field(() => String, { description: 'Column of the true labels.' })
  labelColumn!: string;
}

@ObjectType('Evaluation', {
  description: 'A model scored on a split of a dataset version.',
  implements: Node,
  simpleResolvers: true,
})
export class EvaluationType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string;
  datasetVersionUuid!: string;

  @Field(() => String, { description: 'The split it was scored on.' })
  split!: string;

  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for single texts.' })
  textPairColumn!: string | null;

  @Field(() => [EvaluationTaskType], { description: 'What was asked for.' })
  requestedTasks!: EvaluationTaskType[];

  @Field(() => EvaluationStatusEnum, { description: 'Where it stands.' })
  status!: EvaluationStatus;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;

  @Field(() => [TaskScoresType], { description: 'The scores, one a task; empty until it has succeeded.' })
  tasks!: TaskScoresType[];

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const evaluations = connectionOf('Evaluation', 'evaluations', EvaluationType);

export const evaluateResult = resultUnion(
  'EvaluateResult',
  'The evaluation, queued; or why there is none.',
  EvaluationType,
);

export function toEvaluationType(row: EvaluationRow): EvaluationType {
  return Object.assign(new EvaluationType(), {
    id: globalId('Evaluation', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    baseModelUuid: row.baseModelId,
    datasetVersionUuid: row.datasetVersionId,
    split: row.split,
    textColumn: row.textColumn,
    textPairColumn: row.pairColumn,
    requestedTasks: row.tasks,
    status: row.status,
    problem: row.problem === null ? null : toProblemType(row.problem),
    tasks: (row.scores ?? []).map(toTaskScoresType),
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  });
}

function toTaskScoresType({ confusionMatrix, ...scores }: ClassificationScores): TaskScoresType {
  const labels = scores.perClass.map((each) => each.label);
  return Object.assign(new TaskScoresType(), scores, { confusionMatrix: { labels, counts: confusionMatrix } });
}
