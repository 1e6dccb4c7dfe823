import type { Finding } from '../../src/protocol/findings.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import type { JobContext } from '../thread-port.js';
import type { ProducedModel, ServiceAccess } from '../thread-protocol.js';

/** What recipes compute with. */
export interface TrainingTools {
  readonly engine: Engine;
  readonly store: ArtifactStore;
  /** Milliseconds from any fixed point. */
  readonly clock: () => number;
  /** Memory the process may still take. */
  readonly availableBytes: () => number;
  /** What calls of reward services need. Absent: such a reward is refused. */
  readonly services?: ServiceAccess;
}

/** What a training ends with. */
export interface TrainedModel {
  readonly model: ProducedModel;
  /** What a person should know of the model and its data. */
  readonly findings: readonly Finding[];
}

/** One attempt at a run. */
export interface TrainingRun<Spec extends RunSpec = RunSpec> {
  readonly runId: string;
  readonly spec: Spec;
  readonly context: JobContext;
}
