import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { toWorkerType, WorkerType } from '../workers/worker.type.js';
import type { EstimateBasis } from './estimate-basis.js';
import type { EstimatedTime } from './estimated-time.js';

const TrainingPartEnum = {
  PREPARING: 'preparing',
  UPDATES: 'updates',
  EVALUATIONS: 'evaluations',
  SAVING: 'saving',
} as const satisfies Record<string, keyof EstimatedTime['parts']>;

registerEnumType(TrainingPartEnum, {
  name: 'TrainingPart',
  description: 'What a training spends time on.',
  valuesConfig: {
    PREPARING: {
      description:
        'Reading and tokenizing the texts, loading the model, making graphs; and running a frozen encoder once.',
    },
    UPDATES: { description: 'Optimizer updates of all epochs, padding of batches included.' },
    EVALUATIONS: {
      description: 'Evaluations after each epoch and between, with the texts that a language model writes.',
    },
    SAVING: { description: 'Writing checkpoints, and the model.' },
  },
});

@ObjectType('EstimatedPart', { description: 'The estimated time of a part of a training.', simpleResolvers: true })
export class EstimatedPartType {
  @Field(() => TrainingPartEnum, { description: 'Which part.' })
  part!: keyof EstimatedTime['parts'];

  @Field(() => Number, { description: 'Its seconds.' })
  seconds!: number;
}

const EstimateBasisKindEnum = { MEASURED: 'MEASURED', GUESSED: 'GUESSED' } as const;

registerEnumType(EstimateBasisKindEnum, {
  name: 'EstimateBasisKind',
  description: 'Where the speed of a machine is known from.',
  valuesConfig: {
    MEASURED: { description: 'The worker measured it, as `Worker.trainingSpeed` tells.' },
    GUESSED: { description: 'It is guessed from the number of threads: the time may be off by a factor of three.' },
  },
});

@ObjectType('EstimateBasis', {
  description:
    'Whose speed an estimate of time is made with: of the online workers, any of which may take the run, the slowest.',
  simpleResolvers: true,
})
export class EstimateBasisType {
  @Field(() => EstimateBasisKindEnum, { description: 'Whether the speed was measured.' })
  kind!: keyof typeof EstimateBasisKindEnum;

  @Field(() => WorkerType, {
    nullable: true,
    description: "The worker; null where none is online, and this server's processors are counted.",
  })
  worker!: WorkerType | null;
}

export function toEstimatedParts({ parts }: EstimatedTime): EstimatedPartType[] {
  return Object.values(TrainingPartEnum).map((part) => ({ part, seconds: parts[part] }));
}

export function toEstimateBasisType({ isMeasured, worker }: EstimateBasis): EstimateBasisType {
  return { kind: isMeasured ? 'MEASURED' : 'GUESSED', worker: worker === null ? null : toWorkerType(worker) };
}
