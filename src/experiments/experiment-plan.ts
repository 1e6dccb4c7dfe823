import type { RunSpec } from '../protocol/run-spec.js';

/** What an experiment would do. Sizes in bytes. */
export interface ExperimentPlan {
  readonly spec: RunSpec;
  readonly trainExamples: number;
  readonly validationExamples: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly trainableParameters: number;
  readonly frozenParameters: number;
  readonly estimatedMemoryBytes: number;
  readonly estimatedCheckpointBytes: number;
}
