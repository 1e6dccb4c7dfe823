import { registerEnumType } from 'type-graphql';
import { RunStatus } from '../protocol/run-status.js';

export const RunStatusEnum = RunStatus.enum;

registerEnumType(RunStatusEnum, {
  name: 'RunStatus',
  description: "The status of an experiment's run.",
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, resumed, or after its worker was lost.' },
    PREPARING: { description: 'A worker loads model and data, tokenizes, and compiles the training step.' },
    TRAINING: { description: 'The worker is taking optimizer steps.' },
    EVALUATING: { description: 'Training has ended; the model is being scored and stored.' },
    PAUSED: { description: 'Stopped at a checkpoint on request. Can be resumed.' },
    CANCELING: { description: 'Cancellation was requested; the worker follows within one step.' },
    SUCCEEDED: { description: 'Finished: the model is in the registry.' },
    FAILED: { description: 'A fault ended the run; see `problem`.' },
    CANCELED: { description: 'A user canceled the run. There is no model.' },
  },
});
