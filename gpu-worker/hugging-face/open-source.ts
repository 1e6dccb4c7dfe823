import type { FileSource } from '../../src/protocol/model-source.js';
import { type HubSettings, openRepository } from './hub/repository.js';
import { type ModelFiles, openFolder } from './model-files.js';
import type { TransferMeter } from './transfer-progress.js';

/** Where files are read from. */
export interface SourceTools {
  readonly hub: HubSettings;
  /** Folders that models may be imported from, with what is in them; null: any. */
  readonly importFolders: readonly string[] | null;
  /** Where downloads are kept until their import is done, so that a restarted import goes on where it was. */
  readonly downloadFolder: string;
  /** Whether of files of weights on a hub the beginnings alone are fetched. Absent: they are fetched whole. */
  readonly startsOfWeights?: boolean;
}

/** Errors: ProblemError NOT_FOUND, ACCESS_DENIED, HUB_UNAVAILABLE. */
export function openSource(source: FileSource, tools: SourceTools, meter: TransferMeter): Promise<ModelFiles> {
  switch (source.kind) {
    case 'folder':
      return openFolder(source.path, tools.importFolders);
    case 'hub':
      return openRepository(source, tools.hub, tools.downloadFolder, meter, tools.startsOfWeights);
    default:
      return source satisfies never;
  }
}
