import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import type { SourceTools } from '../open-source.js';
import type { OnProgress } from '../transfer-progress.js';

export interface InspectTools extends SourceTools {
  readonly store: ArtifactStore;
  /** As of an import. */
  readonly memoryBytes: number;
  readonly requireRoom: (bytes: number) => void;
  readonly freeDiskBytes: () => Promise<number>;
  /** Called at least once a second. An error that it throws ends the inspection. */
  readonly onProgress: OnProgress;
}
