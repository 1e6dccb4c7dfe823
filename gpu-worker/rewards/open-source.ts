import type { Completion } from '../../src/protocol/rewards/scored-completion.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import type { ServiceAccess } from '../thread-protocol.js';

export interface OpenSource {
  /** The values of some completions, [N]; NaN where the source has none. */
  score(completions: readonly Completion[]): Promise<Float64Array>;
  /**
   * Whether it is what was written that leaves a completion without a value of the source, and not what a row lacks. It
   * is asked of those without one alone. The completion has no total then: would the other sources count alone, a
   * policy would learn to write what escapes this one.
   */
  leavesUnscored?(completion: Completion): boolean;
  release(): Promise<void>;
}

export interface RewardTools {
  readonly engine: Engine;
  readonly store: ArtifactStore;
  readonly services: ServiceAccess;
  /** Called often: it gives a sign of life, or throws in order to stop. */
  readonly beat: () => void;
}
