import { Field, Int, ObjectType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { BigIntScalar, DateTime, Sha256Scalar } from '../graphql/scalars.js';
import type { CheckpointRow } from './run.reads.js';

@ObjectType('Checkpoint', {
  description: 'Everything that training needs to continue from a step as if it had never stopped.',
  implements: Node,
  simpleResolvers: true,
})
export class CheckpointType extends Node {
  projectUuid!: string;

  @Field(() => Int, { description: 'How many optimizer steps were done when the checkpoint was written.' })
  step!: number;

  @Field(() => Int, { description: 'The attempt that wrote the checkpoint.' })
  attempt!: number;

  @Field(() => Sha256Scalar, { description: "Digest of the checkpoint's manifest: equal digests mean equal states." })
  digest!: string;

  @Field(() => BigIntScalar, { description: "Size of the checkpoint's files in bytes." })
  sizeBytes!: number;

  @Field(() => Boolean, {
    description: 'Whether the validation metric was the best so far when the checkpoint was written.',
  })
  best!: boolean;

  @Field(() => DateTime, { description: 'When the checkpoint was written.' })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "When the checkpoint's files were removed because newer checkpoints replaced it.",
  })
  prunedAt!: Date | null;
}

export function toCheckpointType({ id, projectId, ...row }: CheckpointRow): CheckpointType {
  return Object.assign(new CheckpointType(), row, { id: globalId('Checkpoint', id), projectUuid: projectId });
}
