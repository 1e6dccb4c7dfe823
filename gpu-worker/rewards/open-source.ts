import type { Completion } from '../../src/protocol/rewards/scored-completion.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import type { ServiceAccess } from '../thread-protocol.js';

/** The values of some completions by one source, [N]; NaN where it can not score one. */
export interface OpenSource {
  score(completions: readonly Completion[]): Promise<Float64Array>;
  release(): Promise<void>;
}

export interface RewardTools {
  readonly engine: Engine;
  readonly store: ArtifactStore;
  readonly services: ServiceAccess;
  /** Called often: it gives a sign of life, or throws in order to stop. */
  readonly beat: () => void;
}
