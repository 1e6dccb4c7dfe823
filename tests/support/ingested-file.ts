import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnpackLimits } from '../../gpu-worker/preparation/formats/unpack-budget.js';
import { type IngestedVersion, ingest } from '../../gpu-worker/preparation/ingestion/ingest.js';
import { type OpenExampleReader, openExampleReader } from '../../src/datasets/example-reader.js';
import { ProblemsError } from '../../src/problems/problem.js';
import { type FileOptions, noFileOptions } from '../../src/protocol/datasets/file-options.js';
import type { SplitRequest, UploadFormat } from '../../src/protocol/datasets/split-request.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';

/** A version that was made from a file, and is in the store. */
export interface IngestedFile extends IngestedVersion {
  readonly digest: string;
  /** Its Parquet file. */
  readonly storedPath: string;
  /** The types of its columns. */
  readonly types: readonly string[];
  /** The values of its first 20 examples, as they are written to clients. */
  readonly written: readonly string[];
}

export interface FileWorkshop extends AsyncDisposable {
  readonly root: string;
  readonly store: ArtifactStore;
  readonly reader: OpenExampleReader;
  read(content: string | Uint8Array, format: UploadFormat, how?: HowToIngest): Promise<IngestedFile>;
  /** The problems for which a file is refused; throws when it is not. */
  problemsOf(
    content: string | Uint8Array,
    format: UploadFormat,
    how?: HowToIngest,
  ): Promise<readonly { path: string; code: string; message: string; hint: string | null }[]>;
}

interface HowToIngest {
  readonly options?: Partial<FileOptions>;
  readonly split?: SplitRequest;
  readonly unpackLimits?: UnpackLimits;
  /** The name of the file. */
  readonly name?: string;
}

const all: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'train', fraction: 1 }],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
};

/** A folder in which files become versions without a database. */
export async function openFileWorkshop(): Promise<FileWorkshop> {
  const root = await mkdtemp(join(tmpdir(), 'attune-files-'));
  const store = await openFileSystemStore({ root: join(root, 'artifacts') });
  const reader = await openExampleReader(store, join(root, 'reading'));

  async function read(content: string | Uint8Array, format: UploadFormat, how: HowToIngest = {}) {
    const { options, split = all, name = 'file', unpackLimits } = how;
    const path = join(root, randomUUID());
    await writeFile(path, content);
    const version = await ingest(
      { path, name, format, options: { ...noFileOptions, ...options }, split, folder: `${path}-work` },
      { threads: 1, memoryLimitMb: 256, ...(unpackLimits === undefined ? {} : { unpackLimits }) },
    );
    const { digest } = await store.adopt(version.path);
    const examples = await reader.readExamples({ digest, split: null, afterRow: null, limit: 20 });
    return {
      ...version,
      digest,
      storedPath: await store.localPath(digest),
      types: version.columns.map(({ type }) => type),
      written: examples.map(({ values }) => JSON.stringify(values)),
    };
  }

  return {
    root,
    store,
    reader,
    read,
    async problemsOf(...file) {
      const error = await read(...file).catch((reason: unknown) => reason);
      if (!(error instanceof ProblemsError)) throw new Error('the file was not refused', { cause: error });
      return error.problems.map(({ path, ...rest }) => ({ ...rest, path: path.join('.') }));
    },
    async [Symbol.asyncDispose]() {
      reader.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
