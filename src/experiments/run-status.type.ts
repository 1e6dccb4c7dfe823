import { registerEnumType } from 'type-graphql';
import { RunStatus } from '../protocol/run-status.js';

export const RunStatusEnum = RunStatus.enum;

registerEnumType(RunStatusEnum, {
  name: 'RunStatus',
  description: 'Where the run of an experiment stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, resumed, or its worker was lost.' },
    PREPARING: { description: 'A worker loads model and data, tokenizes, and compiles the training step.' },
    TRAINING: { description: 'Optimizer steps are being taken.' },
    EVALUATING: { description: 'Training is done; the model is being scored and stored.' },
    PAUSED: { description: 'Stopped at a checkpoint on request. Can be resumed.' },
    CANCELING: { description: 'Asked to stop; the worker has yet to follow, within one step.' },
    SUCCEEDED: { description: 'Finished: the model is in the registry.' },
    FAILED: { description: 'Ended by a fault; see `problem`.' },
    CANCELED: { description: 'Ended on request. There is no model.' },
  },
});
