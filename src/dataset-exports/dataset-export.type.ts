import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { ConversationFormType, toConversationFormType } from '../datasets/conversations/conversation-form.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { TransferStatus } from '../protocol/job.js';
import { maxLeftOutRows } from '../protocol/preparation/export-job.js';
import type { RowExport } from '../protocol/preparation/row-export.js';
import { type ExportedFileType, toExportedFileType } from '../transfers/model-export.type.js';
import { storedArchivePath, storedFilePath } from '../transfers/stored-paths.js';
import { type DatasetExportFormat, DatasetExportFormatEnum, PreferenceColumns } from './dataset-export.input.js';
import type { DatasetExportRow } from './dataset-export.reads.js';

/** Path of all exports of dataset versions. */
export const datasetExportsBase = '/dataset-exports';

/** A copy: each name of an enum in the graph needs an object of its own. */
const DatasetExportStatusEnum = { ...TransferStatus.enum };

registerEnumType(DatasetExportStatusEnum, {
  name: 'DatasetExportStatus',
  description: 'Where an export of a dataset version stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker writes the rows. If the worker is lost, the next one begins again.' },
    SUCCEEDED: { description: 'The files are there.' },
    FAILED: { description: 'There are no files; `problem` says why.' },
    CANCELED: { description: 'A user canceled it. There are no files.' },
  },
});

@ObjectType('DatasetExportProgress', {
  description: 'How far an export of a dataset version has come.',
  simpleResolvers: true,
})
export class DatasetExportProgressType {
  @Field(() => BigIntScalar, {
    description:
      'Rows done so far: of the files that are finished, and in the forms for language models also of the one under way.',
  })
  rowsDone!: number;

  @Field(() => BigIntScalar, { description: 'Rows to write in all.' })
  rowsTotal!: number;

  @Field(() => BigIntScalar, { description: 'Bytes written so far, of all files together.' })
  bytesWritten!: number;
}

@ObjectType('ExportLeftOutRow', {
  description: 'A row that the format of an export can not hold.',
  simpleResolvers: true,
})
export class ExportLeftOutRowType {
  @Field(() => BigIntScalar, { description: 'Its number in the version, from 0.' })
  row!: number;

  @Field(() => String, { description: 'Why it was left out.' })
  reason!: string;
}

@ObjectType('DatasetExport', {
  description:
    'The rows of a dataset version, or the answers of a feedback task, written by a worker into files that other programs read.',
  implements: Node,
  simpleResolvers: true,
})
export class DatasetExportType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  datasetVersionUuid!: string | null;
  feedbackTaskUuid!: string | null;
  ownFiles!: ExportedFileType[];

  @Field(() => DatasetExportFormatEnum, { description: 'The format of its files.' })
  format!: DatasetExportFormat;

  @Field(() => [String], { nullable: true, description: 'The splits whose rows are written; null: all.' })
  splits!: string[] | null;

  @Field(() => Boolean, { description: 'Whether each split has a file of its own.' })
  filePerSplit!: boolean;

  @Field(() => [String], { nullable: true, description: 'The columns that are written; null: all.' })
  columns!: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'The column with the split of each row, which is added; null: none is.',
  })
  splitColumn!: string | null;

  @Field(() => Boolean, { description: 'Whether texts that look like formulas have an apostrophe before them.' })
  guardFormulas!: boolean;

  @Field(() => ConversationFormType, {
    nullable: true,
    description: 'How the rows hold the conversations that are written; null in other formats.',
  })
  conversations!: ConversationFormType | null;

  @Field(() => PreferenceColumns, {
    nullable: true,
    description: 'The columns of the pairs that are written; null in other formats.',
  })
  preference!: PreferenceColumns | null;

  @Field(() => DatasetExportStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and the work has not ended yet.' })
  canceling!: boolean;

  @Field(() => DatasetExportProgressType, {
    nullable: true,
    description: 'How far it has come; null before a worker has begun.',
  })
  progress!: DatasetExportProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed; null if it did not.' })
  problem!: ProblemType | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Rows in its files; null until it has succeeded.' })
  rowCount!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Rows that the format can not hold, and that are in no file; null until it has succeeded.',
  })
  leftOutCount!: number | null;

  @Field(() => [ExportLeftOutRowType], {
    description: `The first ${maxLeftOutRows} rows that were left out; empty until it has succeeded.`,
  })
  leftOut!: ExportLeftOutRowType[];

  @Field(() => String, {
    nullable: true,
    description:
      'Where to GET all files in one uncompressed ZIP archive: a path on this server; null until it has succeeded.',
  })
  archiveUrl!: string | null;

  @Field(() => DateTime, { description: 'When it was requested.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const datasetExports = connectionOf('DatasetExport', 'exports', DatasetExportType);

export const exportDatasetVersionResult = resultUnion(
  'ExportDatasetVersionResult',
  'The queued export; or why it was not queued.',
  DatasetExportType,
);

export const cancelDatasetExportResult = resultUnion(
  'CancelDatasetExportResult',
  'The export, canceled or being canceled; or why it can not be canceled.',
  DatasetExportType,
);

export function toDatasetExportType(row: DatasetExportRow): DatasetExportType {
  const { id, projectId, createdBy, datasetVersionId, feedbackTaskId, request, problem, files, leftOut, ...rest } = row;
  const table = request.format === 'CHAT' || request.format === 'PREFERENCE' ? null : request;
  return Object.assign(new DatasetExportType(), rest, {
    id: globalId('DatasetExport', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    datasetVersionUuid: datasetVersionId,
    feedbackTaskUuid: feedbackTaskId,
    format: formatOf(request),
    splits: request.splits,
    columns: table?.columns ?? null,
    splitColumn: table?.splitColumn ?? null,
    guardFormulas: request.format === 'CSV' && request.guardFormulas,
    conversations: request.format === 'CHAT' ? toConversationFormType(request.form) : null,
    preference: request.format === 'PREFERENCE' ? request : null,
    problem: problem === null ? null : toProblemType(problem),
    leftOut: leftOut ?? [],
    ownFiles: (files ?? []).map((file) => toExportedFileType(file, storedFilePath(datasetExportsBase, id, file.name))),
    archiveUrl: files === null ? null : storedArchivePath(datasetExportsBase, id),
  });
}

function formatOf(request: RowExport): DatasetExportFormat {
  return request.format === 'CHAT' ? request.as : request.format;
}
