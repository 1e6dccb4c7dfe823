import { freemem } from 'node:os';
import { importModel } from '../../gpu-worker/hugging-face/import-model.js';
import { availableMemory } from '../../gpu-worker/training/available-memory.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/** Imports a model in Hugging Face's layout as a user would. @returns its digest */
export async function importFolder(store: ArtifactStore, path: string, downloadFolder: string): Promise<string> {
  const job = { source: { kind: 'folder', path } as const, licence: null, adapterBaseDigest: null };
  const { digest } = await importModel(job, {
    store,
    hub: { endpoint: '', token: null },
    importFolders: null,
    downloadFolder,
    memoryBytes: availableMemory(freemem()),
    requireRoom: () => undefined,
    onProgress: () => undefined,
    discard: async () => undefined,
  });
  return digest;
}
