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
        'Comma-separated values, UTF-8, quoted as in RFC 4180; with a header line, unless fileOptions say otherwise.',
    },
    TSV: { description: 'Tab-separated values, UTF-8; with a header line, unless fileOptions say otherwise.' },
    JSONL: { description: 'One JSON object a line, UTF-8.' },
    CONLL: {
      description:
        'Sentences of words, UTF-8: a word a line with its columns, a blank line after each sentence. fileOptions.conll says which columns.',
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
  @Field(() => ID, { description: 'Names the upload in createDataset and addDatasetVersion.' })
  id!: string;

  @Field(() => String, {
    description:
      'Where to send the file: a path on this server, to be put after its address. Holds a secret: whoever knows it may upload.',
  })
  url!: string;

  @Field(() => String, { description: 'The HTTP method to use: PUT.' })
  method!: string;

  @Field(() => DateTime, { description: 'The file must have arrived before this moment.' })
  expiresAt!: Date;

  @Field(() => BigIntScalar, {
    description:
      "Largest size that is accepted, bytes: the server's limit, or what is left of the project's storage when that is less.",
  })
  maxBytes!: number;
}

export const createUploadResult = resultUnion('CreateUploadResult', 'Where to send the file, or why not.', UploadType);
