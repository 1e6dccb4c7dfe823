import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import { EngineChoiceType, toEngineChoiceType } from './engine-choice.type.js';
import type { WorkerRow } from './worker.reads.js';

export const WorkerStatusEnum = { ONLINE: 'ONLINE', LOST: 'LOST', STOPPED: 'STOPPED' } as const;
export type WorkerStatus = keyof typeof WorkerStatusEnum;

registerEnumType(WorkerStatusEnum, {
  name: 'WorkerStatus',
  description: 'Whether a worker is there.',
  valuesConfig: {
    ONLINE: { description: 'Its heartbeat is not older than the lease time.' },
    LOST: { description: 'Its heartbeat stopped without a goodbye.' },
    STOPPED: { description: 'It was shut down in order.' },
  },
});

@ObjectType('Worker', {
  description: 'A process that trains, evaluates and predicts.',
  implements: Node,
  simpleResolvers: true,
})
export class WorkerType extends Node {
  @Field(() => String, { description: 'Name of its host.' })
  host!: string;

  @Field(() => Int, { description: 'Its process id on that host.' })
  processId!: number;

  @Field(() => EngineChoiceType, { description: 'What it computes with.' })
  engine!: EngineChoiceType;

  @Field(() => WorkerStatusEnum, { description: 'Whether it is there.' })
  status!: WorkerStatus;

  @Field(() => DateTime, { description: 'When it started.' })
  startedAt!: Date;

  @Field(() => DateTime, { description: 'Its last heartbeat.' })
  lastSeenAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was shut down; null while it is there, or when it was lost.',
  })
  stoppedAt!: Date | null;
}

export function toWorkerType({ id, engine, ...row }: WorkerRow): WorkerType {
  return Object.assign(new WorkerType(), row, { id: globalId('Worker', id), engine: toEngineChoiceType(engine) });
}
