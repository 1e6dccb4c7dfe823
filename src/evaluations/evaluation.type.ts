import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { PreferenceFormType, toPreferenceFormType } from '../datasets/preferences/preference-form.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { EvaluationScores } from '../protocol/evaluation-scores.js';
import type { Finding } from '../protocol/findings.js';
import { ClassificationScoresType, toClassificationScoresType } from './classification-scores.type.js';
import type { EvaluationRow } from './evaluation.reads.js';
import { commonFieldsOf, HeadScoresType } from './head-scores.type.js';
import { MultiLabelScoresType } from './multi-label-scores.type.js';
import { PreferenceReadingType, toPreferenceReadingType } from './preference-reading.type.js';
import { toPreferenceScoresType } from './preference-scores.type.js';
import { RegressionScoresType } from './regression-scores.type.js';
import { toRewardScoresType } from './reward-scores.type.js';
import { scoresOf } from './scores.js';
import { TokenClassificationScoresType } from './token-classification-scores.type.js';
import { TokenEvaluationType, toTokenEvaluationType } from './token-evaluation.type.js';
import { toTokenScoresType } from './token-scores.type.js';

export const EvaluationStatusEnum = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELED: 'CANCELED',
} as const;
export type EvaluationStatus = keyof typeof EvaluationStatusEnum;

registerEnumType(EvaluationStatusEnum, {
  name: 'EvaluationStatus',
  description: 'Where an evaluation stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker.' },
    RUNNING: { description: 'A worker is scoring.' },
    SUCCEEDED: { description: 'The scores are there.' },
    FAILED: { description: 'There are no scores; `problem` says why.' },
    CANCELED: { description: 'A user canceled the evaluation. There are no scores.' },
  },
});

@ObjectType('EvaluationTask', {
  description: 'A head, and the columns that it is scored against.',
  simpleResolvers: true,
})
export class EvaluationTaskType {
  @Field(() => String, { description: 'Name of the head.' })
  task!: string;

  @Field(() => [String], {
    description: 'Columns of the true values: one column, or for a regression one for each output.',
  })
  targetColumns!: readonly string[];

  @Field(() => String, {
    description: 'Column of the true labels; the first of several columns.',
    deprecationReason: 'Use `targetColumns`: a head may have several.',
  })
  labelColumn!: string;
}

@ObjectType('EvaluationProgress', { description: 'How far an evaluation has come.', simpleResolvers: true })
export class EvaluationProgressType {
  @Field(() => BigIntScalar, { description: 'Examples scored so far.' })
  examplesDone!: number;

  @Field(() => BigIntScalar, { description: 'Examples to score in all.' })
  examplesTotal!: number;
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
  baselineUuid!: string | null;
  /** What the data say, beside the scores. */
  dataFindings!: readonly Finding[];
  storedScores!: readonly EvaluationScores[];
  datasetVersionUuid!: string;

  @Field(() => String, { description: 'The split it was scored on.' })
  split!: string;

  @Field(() => String, { description: 'Column of the texts; of conversations, the first of their columns.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for single texts.' })
  textPairColumn!: string | null;

  @Field(() => [EvaluationTaskType], {
    description: "The heads to score, as they were asked for; none where the model's own tokens are scored.",
  })
  requestedTasks!: EvaluationTaskType[];

  @Field(() => TokenEvaluationType, {
    nullable: true,
    description: 'What tokens the model itself is to predict; null where heads are scored.',
  })
  tokens!: TokenEvaluationType | null;

  @Field(() => PreferenceFormType, {
    nullable: true,
    description: 'How rows hold the judgements that a model is scored on; null where none are.',
  })
  preference!: PreferenceFormType | null;

  @Field(() => PreferenceReadingType, {
    nullable: true,
    description: 'How a language model reads judged answers; null unless one is scored on judgements.',
  })
  preferenceReading!: PreferenceReadingType | null;

  @Field(() => EvaluationStatusEnum, { description: 'Where it stands.' })
  status!: EvaluationStatus;

  @Field(() => EvaluationProgressType, {
    nullable: true,
    description: 'How far the scoring has come; null before its first batch.',
  })
  progress!: EvaluationProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;

  @Field(() => [HeadScoresType], {
    description: 'The scores, one for each task; empty until the evaluation has succeeded.',
  })
  scores!: HeadScoresType[];

  @Field(() => [ClassificationScoresType], {
    description: 'The scores, one for each classification task; empty until the evaluation has succeeded.',
    deprecationReason: 'Use `scores`: tasks of other kinds are not in this list.',
  })
  tasks!: ClassificationScoresType[];

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const evaluations = connectionOf('Evaluation', 'evaluations', EvaluationType);

export const evaluateResult = resultUnion(
  'EvaluateResult',
  'The queued evaluation; or why it was not queued.',
  EvaluationType,
);

export const cancelEvaluationResult = resultUnion(
  'CancelEvaluationResult',
  'The canceled evaluation; or why it was not canceled.',
  EvaluationType,
);

/** The columns that fields read which were not selected may be missing (`evaluationColumns`). */
export function toEvaluationType(row: EvaluationRow): EvaluationType {
  const evaluation = new EvaluationType();
  evaluation.id = globalId('Evaluation', row.id);
  evaluation.uuid = row.id;
  evaluation.projectUuid = row.projectId;
  evaluation.authorUuid = row.createdBy;
  evaluation.baseModelUuid = row.baseModelId;
  evaluation.baselineUuid = row.baselineModelId;
  evaluation.datasetVersionUuid = row.datasetVersionId;
  evaluation.split = row.split;
  evaluation.textColumn = row.textColumn;
  evaluation.textPairColumn = row.pairColumn;
  evaluation.status = row.status;
  evaluation.progress = row.progress;
  evaluation.createdAt = row.createdAt;
  evaluation.finishedAt = row.finishedAt;
  return row.tasks === undefined ? evaluation : Object.assign(evaluation, contentsOf(row));
}

function contentsOf(row: EvaluationRow) {
  const storedScores = scoresOf(row.scores);
  const scores = storedScores.map(toHeadScoresType);
  return {
    requestedTasks: row.tasks.map((each) => ({ ...each, labelColumn: each.targetColumns[0]! })),
    tokens: row.tokens === null ? null : toTokenEvaluationType(row.tokens),
    preference: row.preference === null ? null : toPreferenceFormType(row.preference),
    preferenceReading: row.preferenceReading === null ? null : toPreferenceReadingType(row.preferenceReading),
    problem: row.problem === null ? null : toProblemType(row.problem),
    storedScores,
    dataFindings: row.findings,
    scores,
    tasks: scores.filter((each) => each instanceof ClassificationScoresType),
  };
}

function toHeadScoresType(scores: EvaluationScores): HeadScoresType {
  switch (scores.kind) {
    case 'classification':
      return toClassificationScoresType(scores);
    case 'multiLabel':
      return Object.assign(new MultiLabelScoresType(), scores, commonFieldsOf(scores));
    case 'regression':
      return Object.assign(new RegressionScoresType(), scores, commonFieldsOf(scores));
    case 'tokenClassification':
      return Object.assign(new TokenClassificationScoresType(), scores, commonFieldsOf(scores));
    case 'tokens':
      return toTokenScoresType(scores);
    case 'reward':
      return toRewardScoresType(scores);
    case 'preferences':
      return toPreferenceScoresType(scores);
    default:
      return scores satisfies never;
  }
}
