import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Sha256Scalar } from '../graphql/scalars.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';
import type { UploadRow } from './upload.reads.js';

export const FileFormatEnum = {
  CSV: 'CSV',
  TSV: 'TSV',
  JSONL: 'JSONL',
  CONLL: 'CONLL',
  PARQUET: 'PARQUET',
  JSON: 'JSON',
  EXCEL: 'EXCEL',
  AUTO: 'AUTO',
} as const satisfies Record<UploadFormat, string>;

registerEnumType(FileFormatEnum, {
  name: 'FileFormat',
  description:
    'Format of an uploaded file. Any of them may be packed: as gzip, as Zstandard, or in a ZIP archive with other files of the same columns. Text may have another encoding than UTF-8.',
  valuesConfig: {
    CSV: {
      description: 'Comma-separated values, quoted as in RFC 4180, with a header line unless fileOptions differ.',
    },
    TSV: { description: 'Tab-separated values, with a header line unless fileOptions differ.' },
    JSONL: { description: 'One JSON object on each line.' },
    CONLL: {
      description:
        'Sentences of words: on each line a word with its columns, and a blank line after each sentence. fileOptions.conll chooses the columns.',
    },
    PARQUET: { description: 'Apache Parquet.' },
    JSON: {
      description:
        'One JSON document: a list of objects, or an object of columns, or one with either inside; fileOptions.json chooses. Or a `tokenizer.json`, for a model that is made of a configuration.',
    },
    EXCEL: { description: 'An Excel workbook (.xlsx). fileOptions.workbook chooses the sheet.' },
    AUTO: {
      description: 'The format is found, by the bytes and the name of the file; that of a version is never this.',
    },
  },
});

const UploadStatusEnum = { WAITING: 'WAITING', RECEIVED: 'RECEIVED', CONSUMED: 'CONSUMED' } as const;
type UploadStatus = keyof typeof UploadStatusEnum;

registerEnumType(UploadStatusEnum, {
  name: 'UploadStatus',
  description: 'Where an upload stands.',
  valuesConfig: {
    WAITING: { description: 'Its file, or the rest of it, has not arrived.' },
    RECEIVED: { description: 'Its file has arrived: a dataset can be made of it.' },
    CONSUMED: { description: 'A dataset version was made of it.' },
  },
});

@ObjectType('Upload', {
  description:
    'A place to send one file to: `PUT` its bytes as the request body to `url`, then name its id to createDataset. A file can also be sent in parts, by `PATCH` with the headers of tus 1.0: `HEAD` answers how much has arrived, so that an upload which broke off goes on.',
  simpleResolvers: true,
})
export class UploadType {
  @Field(() => ID, { description: 'Id of the upload, for createDataset and addDatasetVersion.' })
  id!: string;

  @Field(() => String, {
    description:
      'Where to send the file: a path on this server. It holds a secret: whoever knows it may upload, until the API key that it was given to ends, or its user may no longer send data.',
  })
  url!: string;

  @Field(() => String, { description: 'The HTTP method to use: PUT.' })
  method!: string;

  @Field(() => DateTime, { description: 'The file must have arrived before this moment.' })
  expiresAt!: Date;

  @Field(() => BigIntScalar, {
    description:
      "Largest accepted size in bytes: the server's limit, or the rest of the project's storage quota if that is less.",
  })
  maxBytes!: number;

  @Field(() => String, { description: 'Name of the file, as createUpload was told.' })
  fileName!: string;

  @Field(() => FileFormatEnum, { description: 'Its format.' })
  format!: UploadFormat;

  @Field(() => UploadStatusEnum, { description: 'Where it stands.' })
  status!: UploadStatus;

  @Field(() => BigIntScalar, { nullable: true, description: 'Bytes of the whole file; null until the client says.' })
  sizeBytes!: number | null;

  @Field(() => Sha256Scalar, { nullable: true, description: 'SHA-256 of the whole file; null unless the client said.' })
  sha256!: string | null;

  @Field(() => BigIntScalar, { description: 'Bytes that have arrived and are kept: where the next part begins.' })
  receivedBytes!: number;

  @Field(() => DateTime, { description: 'When createUpload was called.' })
  createdAt!: Date;
}

export const uploads = connectionOf('Upload', 'uploads', UploadType);

/** @param where the URL to send the file to, and the most bytes it may have */
export function toUploadType(row: UploadRow, where: { readonly url: string; readonly maxBytes: number }): UploadType {
  return Object.assign(new UploadType(), {
    ...where,
    id: globalId('Upload', row.id),
    method: 'PUT',
    expiresAt: row.expiresAt,
    fileName: row.fileName,
    format: row.format,
    status: row.status === 'FAILED' ? ('WAITING' as const) : row.status,
    sizeBytes: row.expectedBytes,
    sha256: row.expectedDigest,
    receivedBytes: row.receivedBytes,
    createdAt: row.createdAt,
  });
}

@ObjectType('CanceledUpload', { description: 'An upload that was canceled.', simpleResolvers: true })
export class CanceledUploadType {
  @Field(() => ID, { description: 'The id that the upload had.' })
  uploadId!: string;
}

export const cancelUploadResult = resultUnion(
  'CancelUploadResult',
  'The canceled upload; or why it was not canceled.',
  CanceledUploadType,
);

export const createUploadResult = resultUnion(
  'CreateUploadResult',
  'Where to send the file; or why it can not be uploaded.',
  UploadType,
);
