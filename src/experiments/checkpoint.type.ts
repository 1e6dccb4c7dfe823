import { Field, Int, ObjectType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { BigIntScalar, DateTime, Sha256Scalar } from '../graphql/scalars.js';
import type { CheckpointRow } from './run.reads.js';

@ObjectType('Checkpoint', {
  description: 'All that training needs to go on from a step as if it had never stopped.',
  implements: Node,
  simpleResolvers: true,
})
export class CheckpointType extends Node {
  projectUuid!: string;

  @Field(() => Int, { description: 'Optimizer steps done when it was written.' })
  step!: number;

  @Field(() => Int, { description: 'The attempt that wrote it.' })
  attempt!: number;

  @Field(() => Sha256Scalar, { description: 'Digest of its manifest: equal digests mean equal states.' })
  digest!: string;

  @Field(() => BigIntScalar, { description: 'Size of its files, bytes.' })
  sizeBytes!: number;

  @Field(() => Boolean, { description: 'Whether its validation metric was the best so far when it was written.' })
  best!: boolean;

  @Field(() => DateTime, { description: 'When it was written.' })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When its files were removed because newer ones took its place.',
  })
  prunedAt!: Date | null;
}

export function toCheckpointType({ id, projectId, ...row }: CheckpointRow): CheckpointType {
  return Object.assign(new CheckpointType(), row, { id: globalId('Checkpoint', id), projectUuid: projectId });
}
