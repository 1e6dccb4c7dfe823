import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, Sha256Scalar } from '../graphql/scalars.js';
import type { ExportedFile, ExportFormat } from '../protocol/job.js';
import type { ParityCertificate } from '../protocol/parity-certificate.js';
import { ExportFormatEnum } from './model-export.input.js';
import {
  type MissingCertificate,
  MissingCertificateEnum,
  ParityCertificateType,
  toParityCertificateType,
} from './parity-certificate.type.js';
import { storedArchivePath, storedFilePath } from './stored-paths.js';
import type { ModelExportRow } from './transfer.reads.js';
import { TransferType } from './transfer.type.js';

/** Path of all exports of models. */
export const modelExportsBase = '/exports';

@ObjectType('ExportedFile', {
  description: 'A file to download: of an export, or of a batch prediction.',
  simpleResolvers: true,
})
export class ExportedFileType {
  @Field(() => String, { description: "The file's name; a file in a folder has slashes, e.g. 1_Pooling/config.json." })
  name!: string;

  @Field(() => BigIntScalar, { description: "The file's size in bytes." })
  sizeBytes!: number;

  @Field(() => Sha256Scalar, { description: "SHA-256 of the file's bytes; also its ETag." })
  sha256!: string;

  @Field(() => String, {
    description:
      'Where to GET the file: a path on this server. Ranges work, so an interrupted download can be continued.',
  })
  url!: string;
}

@ObjectType('ModelExport', {
  description: 'An export of a model in a format that other programs read.',
  implements: Node,
  simpleResolvers: true,
})
export class ModelExportType extends TransferType {
  baseModelUuid!: string;

  @Field(() => ExportFormatEnum, { description: 'The format of the export.' })
  format!: ExportFormat;

  @Field(() => [ExportedFileType], { description: "The export's files; empty until it has succeeded." })
  files!: ExportedFileType[];

  @Field(() => String, {
    nullable: true,
    description:
      'Where to GET all files in one uncompressed ZIP archive: a path on this server; null until the export has succeeded.',
  })
  archiveUrl!: string | null;

  @Field(() => ParityCertificateType, {
    nullable: true,
    description:
      'What was found when the files were run and compared with the trained model; null until the export has succeeded, and where `certificateMissing` says why there is none.',
  })
  certificate!: ParityCertificateType | null;

  @Field(() => MissingCertificateEnum, {
    nullable: true,
    description: 'Why an export that has succeeded has no certificate; null where it has one.',
  })
  certificateMissing!: MissingCertificate | null;
}

export const modelExports = connectionOf('ModelExport', 'exports of models', ModelExportType);

export function toModelExportType(row: ModelExportRow): ModelExportType {
  const { id, projectId, createdBy, problem, baseModelId, modelName: _, files, certificate, ...rest } = row;
  return Object.assign(new ModelExportType(), rest, {
    id: globalId('ModelExport', id),
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    problem: problem === null ? null : toProblemType(problem),
    files: (files ?? []).map((file) => toExportedFileType(file, storedFilePath(modelExportsBase, id, file.name))),
    archiveUrl: files === null ? null : storedArchivePath(modelExportsBase, id),
    certificate: toParityCertificateType(certificate),
    certificateMissing: files === null ? null : missing(certificate),
  });
}

function missing(certificate: ParityCertificate | null): MissingCertificate | null {
  switch (certificate?.kind) {
    case undefined:
      return 'OLDER_RELEASE';
    case 'checked':
      return null;
    case 'notChecked':
      return 'NOT_ENOUGH_MEMORY';
    default:
      return certificate satisfies never;
  }
}

/** @param url a path on this server */
export function toExportedFileType({ name, digest, sizeBytes }: ExportedFile, url: string): ExportedFileType {
  return Object.assign(new ExportedFileType(), { name, sizeBytes, sha256: digest, url });
}

export const exportModelResult = resultUnion(
  'ExportModelResult',
  'The queued export; or why it was not queued.',
  ModelExportType,
);
export const cancelModelExportResult = resultUnion(
  'CancelModelExportResult',
  'The export, canceled or being canceled; or why it can not be canceled.',
  ModelExportType,
);
