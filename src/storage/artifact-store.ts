import type { Readable } from 'node:stream';

export interface StoredArtifact {
  /** SHA-256 of the bytes: the artifact's name. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Content-addressed files. Writing is atomic: a reader sees the whole artifact or none, even after a crash.
 * @throws StorageError with code NOT_FOUND, DISK_FULL, TOO_LARGE, CORRUPT or IO
 */
export interface ArtifactStore {
  /**
   * Writes bytes as they come, in constant memory. Throws TOO_LARGE beyond `maxBytes`. A failed write leaves nothing in
   * the store; it leaves a stream open, and calls `return()` on an iterator.
   */
  writeStream(
    source: Readable | AsyncIterable<Uint8Array>,
    options?: { readonly maxBytes?: number },
  ): Promise<StoredArtifact>;
  write(bytes: Uint8Array | readonly Uint8Array[]): Promise<StoredArtifact>;
  /** Takes over a finished file of the same file system. The file is moved where possible, else copied. */
  adopt(path: string): Promise<StoredArtifact>;
  has(digest: string): Promise<boolean>;
  /** A local path to read from; valid until the artifact is removed. */
  localPath(digest: string): Promise<string>;
  /** All bytes of an artifact, after checking its digest. */
  read(digest: string): Promise<Buffer>;
  remove(digest: string): Promise<void>;
}
