import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { TransferStatus } from '../protocol/job.js';

export const TransferStatusEnum = TransferStatus.enum;

registerEnumType(TransferStatusEnum, {
  name: 'TransferStatus',
  description: 'Where an import or export of a model stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or given back by a worker that was stopped.' },
    RUNNING: {
      description: 'A worker reads, converts and writes files. When it is lost, the next worker starts anew.',
    },
    SUCCEEDED: { description: 'Done: the model, or the files, are there.' },
    FAILED: { description: 'Ended by a fault; see `problem`. Nothing half-made stays.' },
    CANCELED: { description: 'Ended on request. Nothing half-made stays.' },
  },
});

@ObjectType('TransferProgress', { description: 'How far an import or export has come.', simpleResolvers: true })
export class TransferProgressType {
  @Field(() => BigIntScalar, { description: 'Moved so far, of all files together, bytes.' })
  bytesDone!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Size of all files known so far, bytes: it may grow while they are looked for; null before.',
  })
  bytesTotal!: number | null;

  @Field(() => String, { nullable: true, description: 'The file that is moving; null between files.' })
  currentFile!: string | null;
}
