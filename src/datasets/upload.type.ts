import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { FileFormat } from './split-request.js';

export const FileFormatEnum = {
  CSV: 'CSV',
  TSV: 'TSV',
  JSONL: 'JSONL',
  CONLL: 'CONLL',
  PARQUET: 'PARQUET',
} as const satisfies Record<FileFormat, string>;

registerEnumType(FileFormatEnum, {
  name: 'FileFormat',
  description: 'Format of an uploaded file.',
  valuesConfig: {
    CSV: {
      description:
        'Comma-separated values in UTF-8, quoted as in RFC 4180, with a header line unless fileOptions differ.',
    },
    TSV: { description: 'Tab-separated values in UTF-8, with a header line unless fileOptions differ.' },
    JSONL: { description: 'One JSON object on each line, in UTF-8.' },
    CONLL: {
      description:
        'Sentences of words in UTF-8: on each line a word with its columns, and a blank line after each sentence. fileOptions.conll chooses the columns.',
    },
    PARQUET: { description: 'Apache Parquet.' },
  },
});

@ObjectType('Upload', {
  description:
    'A place to send one file to: `PUT` its bytes as the request body to `url`, then name its id to createDataset.',
  simpleResolvers: true,
})
export class UploadType {
  @Field(() => ID, { description: 'Id of the upload, for createDataset and addDatasetVersion.' })
  id!: string;

  @Field(() => String, {
    description: 'Where to send the file: a path on this server. It holds a secret: whoever knows it may upload.',
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
}

export const createUploadResult = resultUnion(
  'CreateUploadResult',
  'Where to send the file; or why it can not be uploaded.',
  UploadType,
);
