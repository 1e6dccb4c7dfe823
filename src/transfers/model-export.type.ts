import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Sha256Scalar } from '../graphql/scalars.js';
import type { ExportFormat, TransferStatus } from '../protocol/job.js';
import { exportArchivePath, exportFilePath } from './export-paths.js';
import { ExportFormatEnum } from './model-export.input.js';
import type { ModelExportRow } from './transfer.reads.js';
import { TransferProgressType, TransferStatusEnum } from './transfer.type.js';

@ObjectType('ExportedFile', { description: 'A file of an export.', simpleResolvers: true })
export class ExportedFileType {
  @Field(() => String, { description: 'Its name; one in a folder has slashes, e.g. 1_Pooling/config.json.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Its size, bytes.' })
  sizeBytes!: number;

  @Field(() => Sha256Scalar, { description: 'SHA-256 of its bytes; also its ETag.' })
  sha256!: string;

  @Field(() => String, {
    description:
      'Where to GET it: a path on this server. Ranges work, so that a download can go on where it broke off.',
  })
  url!: string;
}

@ObjectType('ModelExport', {
  description: 'A model written in a format that others read.',
  implements: Node,
  simpleResolvers: true,
})
export class ModelExportType extends Node {
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string;

  @Field(() => ExportFormatEnum, { description: 'What is written.' })
  format!: ExportFormat;

  @Field(() => TransferStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether it was asked to end and has not yet.' })
  canceling!: boolean;

  @Field(() => TransferProgressType, {
    nullable: true,
    description: 'How far it has come; null before the first byte.',
  })
  progress!: TransferProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;

  @Field(() => [ExportedFileType], { description: 'Its files; empty until it has succeeded.' })
  files!: ExportedFileType[];

  @Field(() => String, {
    nullable: true,
    description:
      'Where to GET all files in one uncompressed ZIP archive: a path on this server; null until it has succeeded.',
  })
  archiveUrl!: string | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first took it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const modelExports = connectionOf('ModelExport', 'exports of models', ModelExportType);

export function toModelExportType(row: ModelExportRow): ModelExportType {
  const { id, projectId, createdBy, problem, baseModelId, files, ...rest } = row;
  return Object.assign(new ModelExportType(), rest, {
    id: globalId('ModelExport', id),
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    problem: problem === null ? null : toProblemType(problem),
    files: (files ?? []).map(({ name, digest, sizeBytes }) => ({
      name,
      sizeBytes,
      sha256: digest,
      url: exportFilePath(id, name),
    })),
    archiveUrl: files === null ? null : exportArchivePath(id),
  });
}

export const exportModelResult = resultUnion(
  'ExportModelResult',
  'The export, queued; or why there is none.',
  ModelExportType,
);
export const cancelModelExportResult = resultUnion(
  'CancelModelExportResult',
  'The export, canceled or about to be; or why not.',
  ModelExportType,
);
