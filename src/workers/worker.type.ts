import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { EngineChoiceType, toEngineChoiceType } from './engine-choice.type.js';
import type { WorkerRow } from './worker.reads.js';

const WorkerStatusEnum = { ONLINE: 'ONLINE', LOST: 'LOST', STOPPED: 'STOPPED' } as const;
export type WorkerStatus = keyof typeof WorkerStatusEnum;

registerEnumType(WorkerStatusEnum, {
  name: 'WorkerStatus',
  description: 'Whether a worker is running.',
  valuesConfig: {
    ONLINE: { description: "The worker's last heartbeat is not older than the lease time." },
    LOST: { description: "The worker's heartbeats stopped without a shutdown." },
    STOPPED: { description: 'The worker was shut down in order.' },
  },
});

@ObjectType('Worker', {
  description: 'A process that trains, evaluates and predicts.',
  implements: Node,
  simpleResolvers: true,
})
export class WorkerType extends Node {
  @Field(() => String, { description: "Name of the worker's host." })
  host!: string;

  @Field(() => Int, { description: "The worker's process id on its host." })
  processId!: number;

  @Field(() => EngineChoiceType, { description: 'The engine that the worker computes with.' })
  engine!: EngineChoiceType;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      "Bytes of memory that the worker's process may take: of its machine, or of its container. Null: a worker of an older release.",
  })
  memoryBytes!: number | null;

  @Field(() => WorkerStatusEnum, { description: 'Whether the worker is running.' })
  status!: WorkerStatus;

  @Field(() => DateTime, { description: 'When the worker started.' })
  startedAt!: Date;

  @Field(() => DateTime, { description: 'When the last heartbeat came.' })
  lastSeenAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the worker was shut down; null while it is running, or when it was lost.',
  })
  stoppedAt!: Date | null;
}

export function toWorkerType({ id, engine, ...row }: WorkerRow): WorkerType {
  return Object.assign(new WorkerType(), row, { id: globalId('Worker', id), engine: toEngineChoiceType(engine) });
}
