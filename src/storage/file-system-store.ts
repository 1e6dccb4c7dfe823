import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Sha256 } from '../protocol/sha256.js';
import { sha256Hex } from '../protocol/sha256-hex.js';
import type { ArtifactStore, StoredArtifact } from './artifact-store.js';
import { StorageError, systemErrorCode, toStorageError } from './storage-error.js';
import { removeStaleFiles, temporaryName } from './temporary-files.js';

/** Opens a new file for writing. A test passes another function to simulate a full disk. */
export type OpenNewFile = (path: string) => Promise<WritableFile>;

interface WritableFile {
  /** Appends all of `bytes`. */
  writeFile(bytes: Uint8Array): Promise<void>;
  /** Resolves when the bytes are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystemStoreSettings {
  /**
   * Created if missing, for its owner alone; an existing folder keeps its permissions. `<root>/<first two
   * digits>/<digest>` holds the artifacts, `<root>/tmp` files that are being written.
   */
  readonly root: string;
  readonly openNewFile?: OpenNewFile;
  readonly now?: () => Date;
}

/** Mode of a folder that is created here: other accounts on the machine must not read datasets and models. */
const rootMode = 0o700;
/** Read-only for everyone who may enter the folder, because an artifact never changes. */
const artifactMode = 0o444;

/**
 * Artifacts in a local folder, which any number of processes may share. A digest names only one content. A file gets
 * its name by a rename within the file system, after its bytes were forced to the disk; then the folder's entry is
 * forced too.
 */
export async function openFileSystemStore(settings: FileSystemStoreSettings): Promise<ArtifactStore> {
  const { root, openNewFile = createFile, now = () => new Date() } = settings;
  const temporaryFolder = join(root, 'tmp');
  try {
    await mkdir(root, { recursive: true, mode: rootMode });
    await mkdir(temporaryFolder, { recursive: true });
    await removeStaleFiles(temporaryFolder, now());
  } catch (error) {
    throw toStorageError(error, 'open the artifact store');
  }

  function pathOf(digest: string): string {
    if (!Sha256.safeParse(digest).success) throw new StorageError('NOT_FOUND', 'read an artifact: not a digest');
    return join(root, digest.slice(0, 2), digest);
  }

  /** Gives a finished file its name. If the name exists, its content is the same, so replacing it is harmless. */
  async function publish(temporaryPath: string, digest: string): Promise<void> {
    const folder = join(root, digest.slice(0, 2));
    if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFile(root);
    await rename(temporaryPath, pathOf(digest));
    // Makes the rename survive a power cut.
    await syncFile(folder);
  }

  /** A file of another file system can't be renamed into this one, so it is copied. */
  async function publishCopy(path: string, digest: string): Promise<void> {
    const temporaryPath = join(temporaryFolder, temporaryName());
    try {
      await copyFile(path, temporaryPath, constants.COPYFILE_EXCL);
      await syncFile(temporaryPath);
      await publish(temporaryPath, digest);
      await rm(path);
    } finally {
      await rm(temporaryPath, { force: true });
    }
  }

  async function writeChunks(
    chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredArtifact> {
    const temporaryPath = join(temporaryFolder, temporaryName());
    try {
      const hash = createHash('sha256');
      let sizeBytes = 0;
      const file = await openNewFile(temporaryPath);
      try {
        for await (const part of chunks) {
          const chunk = typeof part === 'string' ? Buffer.from(part) : part;
          sizeBytes += chunk.byteLength;
          if (sizeBytes > maxBytes) {
            throw new StorageError('TOO_LARGE', `write an artifact: more than ${maxBytes} bytes`);
          }
          hash.update(chunk);
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const digest = hash.digest('hex');
      await publish(temporaryPath, digest);
      return { digest, sizeBytes };
    } catch (error) {
      await rm(temporaryPath, { force: true });
      throw toStorageError(error, 'write an artifact');
    }
  }

  return {
    writeStream(source, options = {}) {
      // The source stays open on failure: destroying a request would cut the connection that its answer needs.
      const chunks: AsyncIterable<Uint8Array | string> =
        source instanceof Readable ? source.iterator({ destroyOnReturn: false }) : source;
      return writeChunks(chunks, options.maxBytes ?? Number.POSITIVE_INFINITY);
    },

    write(bytes) {
      return writeChunks(bytes instanceof Uint8Array ? [bytes] : bytes, Number.POSITIVE_INFINITY);
    },

    async adopt(path) {
      try {
        const stored = await digestOf(path);
        await chmod(path, artifactMode);
        await syncFile(path);
        await publish(path, stored.digest).catch(async (error: unknown) => {
          if (systemErrorCode(error) !== 'EXDEV') throw error;
          await publishCopy(path, stored.digest);
        });
        return stored;
      } catch (error) {
        throw toStorageError(error, 'adopt a file as an artifact');
      }
    },

    async has(digest) {
      try {
        return (await stat(pathOf(digest))).isFile();
      } catch (error) {
        if (toStorageError(error, 'find an artifact').code === 'NOT_FOUND') return false;
        throw toStorageError(error, 'find an artifact');
      }
    },

    async localPath(digest) {
      const path = pathOf(digest);
      try {
        await stat(path);
      } catch (error) {
        throw toStorageError(error, `find artifact ${digest}`);
      }
      return path;
    },

    async read(digest) {
      const path = pathOf(digest);
      const bytes = await readFile(path).catch((error: unknown) => {
        throw toStorageError(error, `read artifact ${digest}`);
      });
      if (sha256Hex(bytes) !== digest) {
        throw new StorageError('CORRUPT', `read artifact ${digest}: its bytes have changed`);
      }
      return bytes;
    },

    async remove(digest) {
      try {
        await rm(pathOf(digest), { force: true });
      } catch (error) {
        throw toStorageError(error, `remove artifact ${digest}`);
      }
    },
  };
}

async function digestOf(path: string): Promise<StoredArtifact> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

async function createFile(path: string): Promise<WritableFile> {
  return open(path, 'wx', artifactMode);
}

/** Forces the written bytes of a file, or the entries of a folder, to the disk; read permission suffices. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
