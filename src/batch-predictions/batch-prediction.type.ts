import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { type BatchFormat, type ResultContent, rowErrors } from '../protocol/batch-prediction.js';
import { TransferStatus } from '../protocol/job.js';
import { ExportedFileType, toExportedFileType } from '../transfers/model-export.type.js';
import { batchFilePath } from './batch-file-path.js';
import { BatchFormatEnum } from './batch-prediction.input.js';
import type { BatchPredictionRow } from './batch-prediction.reads.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
export const BatchPredictionStatusEnum = { ...TransferStatus.enum };

registerEnumType(BatchPredictionStatusEnum, {
  name: 'BatchPredictionStatus',
  description: 'Where a batch prediction stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker is predicting. If the worker is lost, the next one goes on from what it had.' },
    SUCCEEDED: { description: 'The file is there.' },
    FAILED: { description: 'There is no file; `problem` says why.' },
    CANCELED: { description: 'A user canceled the batch prediction. There is no file.' },
  },
});

const ResultContentEnum = {
  SPLIT: 'split',
  LABEL: 'label',
  LABELS: 'labels',
  NUMBER: 'number',
  SPANS: 'spans',
  PROBABILITY: 'probability',
  LABEL_PROBABILITIES: 'labelProbabilities',
  ALL_LABELS: 'allLabels',
  ALL_DECISIONS: 'allDecisions',
  TRUNCATED: 'truncated',
  ERROR: 'error',
} as const satisfies Record<string, ResultContent>;

registerEnumType(ResultContentEnum, {
  name: 'BatchPredictionContent',
  description: 'What a column that a batch prediction adds to the rows holds. New values may be added.',
  valuesConfig: {
    SPLIT: { description: 'Split of the row in its dataset version.' },
    LABEL: { description: 'The most likely label of a classification.' },
    LABELS: { description: 'List of the labels that a multi-label head predicts, most likely first.' },
    NUMBER: { description: 'A number that a regression predicts, in the unit of the training data.' },
    SPANS: {
      description:
        'List of the entities that a token classification finds: `start` and `end` in UTF-16 code units, `text`, `label`, `probability`.',
    },
    PROBABILITY: { description: 'How likely the predicted label is, from 0 to 1.' },
    LABEL_PROBABILITIES: { description: 'List: how likely each of the predicted labels is, in their order.' },
    ALL_LABELS: { description: 'List of all labels, most likely first: `label`, `probability`.' },
    ALL_DECISIONS: {
      description:
        'List of all labels of a multi-label head, most likely first: `label`, `probability`, `threshold`, `isPredicted`.',
    },
    TRUNCATED: { description: 'Whether the text was cut because it has more tokens than the model reads.' },
    ERROR: {
      description: `Why the row has no prediction; null where it has one. ${Object.entries(rowErrors)
        .map(([code, meaning]) => `${code}: ${meaning}`)
        .join(' ')}`,
    },
  },
});

@ObjectType('BatchPredictionColumn', {
  description: 'A column that a batch prediction adds to those of the rows.',
  simpleResolvers: true,
})
export class BatchPredictionColumnType {
  @Field(() => String, { description: 'Its name in the file.' })
  name!: string;

  @Field(() => ResultContentEnum, { description: 'What it holds.' })
  content!: ResultContent;

  @Field(() => String, {
    nullable: true,
    description: 'Name of the head that it is from; null for what is said of the row as a whole.',
  })
  task!: string | null;
}

@ObjectType('BatchPredictionProgress', { description: 'How far a batch prediction has come.', simpleResolvers: true })
export class BatchPredictionProgressType {
  @Field(() => BigIntScalar, { description: 'Rows predicted so far.' })
  rowsDone!: number;

  @Field(() => BigIntScalar, { description: 'Rows to predict in all.' })
  rowsTotal!: number;
}

@ObjectType('BatchPrediction', {
  description: "A model's predictions for all rows of a dataset version, a split or an uploaded file, as a file.",
  implements: Node,
  simpleResolvers: true,
})
export class BatchPredictionType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string;
  datasetVersionUuid!: string | null;

  @Field(() => String, { nullable: true, description: 'The split; null for all splits, and for an uploaded file.' })
  split!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the uploaded file; null for a dataset version.' })
  sourceFileName!: string | null;

  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for single texts.' })
  textPairColumn!: string | null;

  @Field(() => BatchFormatEnum, { description: 'The format of its file.' })
  format!: BatchFormat;

  @Field(() => [BatchPredictionColumnType], {
    description:
      'The columns that it adds, after those of the rows. Where the rows have a column of that name, a number follows it.',
  })
  addedColumns!: BatchPredictionColumnType[];

  @Field(() => BigIntScalar, { description: 'How many rows there are to predict for.' })
  rowCount!: number;

  @Field(() => BigIntScalar, {
    description: 'Rows of the uploaded file that could not be read; they are not in the file of predictions.',
  })
  rejectedCount!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Rows without a prediction, whose column of errors says why; null until it has succeeded.',
  })
  errorCount!: number | null;

  @Field(() => BatchPredictionStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and it has not ended yet.' })
  canceling!: boolean;

  @Field(() => BatchPredictionProgressType, {
    nullable: true,
    description: 'How far it has come; null before a worker has begun.',
  })
  progress!: BatchPredictionProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;

  @Field(() => ExportedFileType, { nullable: true, description: 'Its file; null until it has succeeded.' })
  file!: ExportedFileType | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const batchPredictions = connectionOf('BatchPrediction', 'batch predictions', BatchPredictionType);

export const predictBatchResult = resultUnion(
  'PredictBatchResult',
  'The queued batch prediction; or why it was not queued.',
  BatchPredictionType,
);

export const cancelBatchPredictionResult = resultUnion(
  'CancelBatchPredictionResult',
  'The batch prediction; or why it was not canceled.',
  BatchPredictionType,
);

export function toBatchPredictionType(row: BatchPredictionRow): BatchPredictionType {
  const { id, projectId, createdBy, baseModelId, datasetVersionId, sourceName, pairColumn, columns, files, ...rest } =
    row;
  const file = files?.[0];
  return Object.assign(new BatchPredictionType(), rest, {
    id: globalId('BatchPrediction', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    datasetVersionUuid: datasetVersionId,
    sourceFileName: sourceName,
    textPairColumn: pairColumn,
    addedColumns: columns.map(({ name, content, task }) => ({ name, content, task })),
    problem: row.problem === null ? null : toProblemType(row.problem),
    file: file === undefined ? null : toExportedFileType(file, batchFilePath(id, file.name)),
  });
}
