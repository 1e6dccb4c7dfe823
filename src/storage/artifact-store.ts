import type { Readable } from 'node:stream';

export interface StoredArtifact {
  /** SHA-256 of the bytes: the artifact's name. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Content-addressed files. Writing is atomic: a reader sees the whole artifact or none, also after a crash.
 * Errors: StorageError with code NOT_FOUND, DISK_FULL, TOO_LARGE, CORRUPT or IO.
 */
export interface ArtifactStore {
  /**
   * Streams bytes in; memory stays flat. Stops with TOO_LARGE past `maxBytes`. Nothing stays of a failed write. A stream stays open then,
   * an iterator is told to return.
   */
  writeStream(
    source: Readable | AsyncIterable<Uint8Array>,
    options?: { readonly maxBytes?: number },
  ): Promise<StoredArtifact>;
  write(bytes: Uint8Array | readonly Uint8Array[]): Promise<StoredArtifact>;
  /** Takes over a finished file on the same file system (moved, not copied, where possible). */
  adopt(path: string): Promise<StoredArtifact>;
  has(digest: string): Promise<boolean>;
  /** A local path to read from; valid until the artifact is removed. */
  localPath(digest: string): Promise<string>;
  /** All bytes, the digest checked. */
  read(digest: string): Promise<Buffer>;
  remove(digest: string): Promise<void>;
}
