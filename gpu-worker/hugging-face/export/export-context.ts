import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ExportedFile } from '../../../src/protocol/job.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactRecord } from '../../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { verifiedPath } from '../../models/artifacts.js';
import type { TransferMeter } from '../transfer-progress.js';

/** What a format's writer gets: a model, and where its files go. */
export interface ExportContext {
  readonly modelDigest: string;
  readonly manifest: ModelManifest;
  /** Whether the model was trained on pairs of texts. */
  readonly readsPairs: boolean;
  readonly store: ArtifactStore;
  readonly meter: TransferMeter;
  /** Writes a file of the export. */
  write(name: string, content: Uint8Array | Readable, mediaType: string): Promise<void>;
  /** Adds an artifact that is in the store already to the files of the export. */
  handOn(name: string, digest: string, mediaType: string): Promise<void>;
}

/** What an export has until now. */
export interface ExportedFiles {
  readonly files: ExportedFile[];
  readonly artifacts: ArtifactRecord[];
  /** Digests of the artifacts that the export wrote itself; some may have been in the store before. */
  readonly written: string[];
}

/** An export that has no files yet. */
export function beginExport(
  model: Pick<ExportContext, 'modelDigest' | 'manifest' | 'readsPairs' | 'store' | 'meter'>,
): {
  readonly context: ExportContext;
  readonly exported: ExportedFiles;
} {
  const exported: ExportedFiles = { files: [], artifacts: [], written: [] };
  const add = (name: string, digest: string, sizeBytes: number, mediaType: string) => {
    exported.files.push({ name, digest, sizeBytes });
    if (exported.artifacts.every((artifact) => artifact.digest !== digest)) {
      exported.artifacts.push({ digest, sizeBytes, mediaType });
    }
  };
  const context: ExportContext = {
    ...model,
    async write(name, content, mediaType) {
      const stored = await (content instanceof Uint8Array
        ? model.store.write(content)
        : model.store.writeStream(content));
      exported.written.push(stored.digest);
      add(name, stored.digest, stored.sizeBytes, mediaType);
    },
    async handOn(name, digest, mediaType) {
      const { size } = await stat(await verifiedPath(model.store, digest, name));
      add(name, digest, size, mediaType);
    },
  };
  return { context, exported };
}
