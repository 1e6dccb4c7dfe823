import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Node } from '../graphql/node.type.js';
import { ProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { TransferStatus } from '../protocol/job.js';

export const TransferStatusEnum = TransferStatus.enum;

registerEnumType(TransferStatusEnum, {
  name: 'TransferStatus',
  description: 'The status of an import or export of a model.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: {
      description:
        'A worker reads, converts and writes files. If the worker is lost, the next one starts again from the beginning.',
    },
    SUCCEEDED: { description: 'The transfer succeeded: the model, or the files, can be used.' },
    FAILED: { description: 'A fault ended the transfer; see `problem`. No partial result remains.' },
    CANCELED: { description: 'The transfer was canceled on request. No partial result remains.' },
  },
});

@ObjectType('TransferProgress', { description: 'How far an import or export has come.', simpleResolvers: true })
export class TransferProgressType {
  @Field(() => BigIntScalar, { description: 'Bytes moved so far, of all files together.' })
  bytesDone!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'Bytes of all files found so far, which may grow while more files are looked for; null before the first.',
  })
  bytesTotal!: number | null;

  @Field(() => String, { nullable: true, description: 'The file that is being moved; null between files.' })
  currentFile!: string | null;
}

/** The fields that imports and exports of models share. */
@ObjectType({ simpleResolvers: true })
export abstract class TransferType extends Node {
  projectUuid!: string;
  authorUuid!: string | null;

  @Field(() => TransferStatusEnum, { description: 'The status of the transfer.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and the transfer has not ended yet.' })
  canceling!: boolean;

  @Field(() => TransferProgressType, {
    nullable: true,
    description: 'How far the transfer has come; null before the first byte.',
  })
  progress!: TransferProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the transfer failed.' })
  problem!: ProblemType | null;

  @Field(() => DateTime, { description: 'When the transfer was requested.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the transfer reached a final status.' })
  finishedAt!: Date | null;
}
