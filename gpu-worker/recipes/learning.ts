import type { TaskScores } from '../../src/protocol/evaluation-scores.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import type { Trainee, TrainingParameter } from '../training/build-trainee.js';
import type { Objective } from '../training/fit.js';

/** How the heads of a supervised training become one loss. */
export interface Learning {
  /** Parameters that are trained and are no part of the model. */
  readonly extra: readonly TrainingParameter[];
  objectiveOf(model: Trainee, h: Hyperparameters): Objective;
  /** What is recorded of an evaluation, with keys that begin with `prefix`. @param scores one for each head */
  samples(prefix: string, scores: readonly TaskScores[], model: Trainee): readonly MetricSample[];
}
