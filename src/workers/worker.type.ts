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

@ObjectType('TrainingSpeed', {
  description:
    'How fast a worker trains, in terms of one thread of the machine that estimates of time were fitted to: of 2, a training takes half as long there.',
  simpleResolvers: true,
})
class TrainingSpeedType {
  @Field(() => Number, { description: 'Of the engine, on all its threads together.' })
  engine!: number;

  @Field(() => Number, { description: 'Of what runs in one thread: tokenization, the making of graphs, files.' })
  script!: number;

  @Field(() => DateTime, { description: 'When it was measured.' })
  measuredAt!: Date;
}

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

  @Field(() => TrainingSpeedType, {
    nullable: true,
    description:
      'How fast it trains, which estimates of plans are made with. It measures it when it has nothing to train for some seconds after its start, or takes it over from a former worker on its host; null until then.',
  })
  trainingSpeed!: TrainingSpeedType | null;

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

export function toWorkerType({ id, engine, trainingSpeed, ...row }: WorkerRow): WorkerType {
  return Object.assign(new WorkerType(), row, {
    id: globalId('Worker', id),
    engine: toEngineChoiceType(engine),
    trainingSpeed:
      trainingSpeed === null
        ? null
        : Object.assign(new TrainingSpeedType(), trainingSpeed, { measuredAt: new Date(trainingSpeed.measuredAt) }),
  });
}
