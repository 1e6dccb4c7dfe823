import { copyFile, cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { certify } from '../../../gpu-worker/certificate/certify.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import { type ExportTools, exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { type ImportTools, importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { inspectModel } from '../../../gpu-worker/hugging-face/inspect/inspect-model.js';
import type { ExportFormat, ExportJob } from '../../../src/protocol/job.js';
import { usualLicencePolicy } from '../../../src/protocol/licences/policy.js';
import type { ModelInspection } from '../../../src/protocol/model-inspection.js';
import type { Problem } from '../../../src/protocol/run-event.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';

/** A place of one test: a store, and folders that end with it. */
export interface Workshop {
  readonly root: string;
  readonly store: ArtifactStore;
  /** What imports and exports get; a test replaces what it is about. */
  readonly tools: ImportTools & ExportTools;
  /** A copy of a reference model that may be damaged. */
  copyOf(model: string): Promise<string>;
  /** Exports a model into a new folder, and returns the folder. */
  exported(
    modelDigest: string,
    format: ExportFormat,
    options?: { readonly maxShardBytes?: number } & Pick<ExportJob, 'readsPairs' | 'variants' | 'gguf' | 'licence'>,
  ): Promise<string>;
  /** Files in the store, those being written included. */
  stored(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const root = await mkdtemp(join(tmpdir(), 'attune-hugging-face-'));
  const store = await openFileSystemStore({ root: join(root, 'artifacts') });
  const tools: Workshop['tools'] = {
    store,
    hub: { endpoint: 'http://127.0.0.1:9', token: null, retryDelayMs: () => null },
    importFolders: null,
    downloadFolder: join(root, 'downloads'),
    memoryBytes: 1e9,
    requireRoom: () => undefined,
    onProgress: () => undefined,
    certify: (written, onProgress) =>
      certify(written, {
        store,
        openEngine: () => createEngine({ target: 'cpu', threads: 1 }),
        availableBytes: () => 4e9,
        folder: join(root, 'artifacts', 'tmp'),
        onProgress,
      }),
    discard: async (digests) => {
      for (const digest of digests) await store.remove(digest);
    },
  };
  return {
    root,
    store,
    tools,
    async copyOf(model) {
      const path = join(root, model);
      await cp(fileURLToPath(modelFolder(model)), path, { recursive: true });
      return path;
    },
    async exported(modelDigest, format, { maxShardBytes = 5e9, ...job } = {}) {
      const folder = await mkdtemp(join(root, `${format}-`));
      const { files, artifacts } = await exportModel({ modelDigest, format, ...job }, { ...tools, maxShardBytes });
      for (const { name, digest, sizeBytes } of files) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await copyFile(await store.localPath(digest), join(folder, name));
        expect((await stat(join(folder, name))).size).toBe(sizeBytes);
        expect(artifacts).toContainEqual(expect.objectContaining({ digest, sizeBytes }));
      }
      return folder;
    },
    async stored() {
      const entries = await readdir(join(root, 'artifacts'), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** The job of an import from a folder. */
export function fromFolder(path: string) {
  return { source: { kind: 'folder', path }, licence: null, adapterBaseDigest: null } as const;
}

/** What an inspection tells of a folder. */
export function inspectedIn(
  { root, tools }: Workshop,
  path: string,
  asked: Partial<Parameters<typeof inspectModel>[0]> = {},
): Promise<ModelInspection> {
  return inspectModel(
    {
      source: { kind: 'folder', path },
      licence: null,
      licencePolicy: usualLicencePolicy,
      adapterBaseDigest: null,
      ...asked,
    },
    { ...tools, downloadFolder: join(root, 'looked-into'), freeDiskBytes: async () => 2 ** 40 },
  );
}

/** The problem that an import of a folder ends with; nothing may be left in the store. */
export async function refusalOf(
  workshop: Workshop,
  path: string,
  changed: Partial<Workshop['tools']> = {},
): Promise<Problem> {
  const outcome = await importModel(fromFolder(path), { ...workshop.tools, ...changed }).then(
    () => null,
    (error: { problem?: Problem }) => error.problem ?? error,
  );
  expect(await workshop.stored()).toEqual([]);
  return outcome as Problem;
}
