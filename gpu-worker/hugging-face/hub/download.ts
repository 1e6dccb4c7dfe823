import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode, toStorageError } from '../../../src/storage/storage-error.js';
import { fileTooLarge } from '../model-files.js';
import type { TransferMeter } from '../transfer-progress.js';
import { hubError } from './hub-errors.js';
import { ConnectionFailed, type HubSettings, repeated, request } from './request.js';

/** A file of a repository, as the hub describes it. */
export interface HubFile {
  readonly name: string;
  readonly url: URL;
  /** Null when the hub does not send it; then a broken download can't be continued. */
  readonly sizeBytes: number | null;
  /** Null when the hub's etag is not a digest. */
  readonly digest: FileDigest | null;
}

export interface FileDigest {
  /** `sha256` of the bytes, as in Git LFS; `git`: the SHA-1 of a blob, as in Git itself. */
  readonly algorithm: 'sha256' | 'git';
  readonly hex: string;
}

/** How many bytes of a file are on the disk already. */
export async function partialBytes(path: string): Promise<number> {
  return (await stat(partialPath(path)).catch(() => null))?.size ?? 0;
}

/**
 * Downloads a file to `path`, and continues an earlier, interrupted download. The file gets its name only when it is
 * complete and its digest equals the hub's.
 *
 * @param maxBytes where the hub does not tell the file's size, more than this is not read: ProblemError INVALID_MODEL
 * @throws ProblemError HUB_UNAVAILABLE, NOT_FOUND, ACCESS_DENIED, CHECKSUM_MISMATCH; StorageError DISK_FULL, IO
 */
export async function download(
  hub: HubSettings,
  file: HubFile,
  path: string,
  meter: TransferMeter,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  const partial = partialPath(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const kept = await partialBytes(path);
    meter.advance(file.name, kept);
    await fetchRest(hub, file, partial, meter, maxBytes);
    if (kept > 0 && !(await isWhole(file, partial))) {
      // The earlier part may come from a disk that lost its last writes, so the download starts again from the
      // beginning.
      await forget(file, partial, meter);
      await fetchRest(hub, file, partial, meter, maxBytes);
    }
    if (!(await isWhole(file, partial))) {
      await rm(partial, { force: true });
      throw hubError(
        'CHECKSUM_MISMATCH',
        [],
        `${file.name} does not match the hub's description: size or checksum differ`,
        'Start the import again. If this repeats, something between the worker and the hub changes files.',
      );
    }
    await rename(partial, path);
  } catch (error) {
    throw systemErrorCode(error) === undefined ? error : toStorageError(error, 'download a file');
  }
}

async function fetchRest(
  hub: HubSettings,
  file: HubFile,
  partial: string,
  meter: TransferMeter,
  maxBytes: number,
): Promise<void> {
  await repeated(hub, file.name, meter.signal, async (hadProgress) => {
    let have = (await stat(partial).catch(() => null))?.size ?? 0;
    if (have > 0 && (file.sizeBytes === null || have > file.sizeBytes)) {
      await forget(file, partial, meter);
      have = 0;
    }
    if (file.sizeBytes !== null && have === file.sizeBytes && have > 0) return;
    const { response, pieces } = await requestFrom(hub, file, have, partial, meter);
    if (have > 0 && !continuesAt(response, have)) {
      // A hub that does not support Range sends the whole file.
      await forget(file, partial, meter);
      have = 0;
    }
    const output = await open(partial, 'a');
    try {
      for await (const piece of pieces()) {
        await write(output, piece);
        have += piece.byteLength;
        hadProgress();
        meter.advance(file.name, piece.byteLength);
        if (have > maxBytes) throw fileTooLarge(file.name, have, maxBytes);
        // The file is longer than it should be, so its digest can't match either; the rest is not read.
        if (file.sizeBytes !== null && have > file.sizeBytes) return;
      }
      await output.sync();
    } finally {
      await output.close();
    }
    if (file.sizeBytes !== null && have < file.sizeBytes) {
      throw new ConnectionFailed({ kind: 'network', cause: new Error(`closed ${file.sizeBytes - have} bytes early`) });
    }
  });
}

async function requestFrom(hub: HubSettings, file: HubFile, have: number, partial: string, meter: TransferMeter) {
  try {
    return await request(hub, file.url, meter.signal, have > 0 ? { headers: { range: `bytes=${have}-` } } : {});
  } catch (error) {
    if (error instanceof ConnectionFailed && error.failure.kind === 'status' && error.failure.status === 416) {
      await forget(file, partial, meter);
      throw new ConnectionFailed({ kind: 'network', cause: error });
    }
    throw error;
  }
}

function continuesAt({ status, headers }: Response, position: number): boolean {
  return status === 206 && headers.get('content-range')?.startsWith(`bytes ${position}-`) === true;
}

async function forget(file: HubFile, partial: string, meter: TransferMeter): Promise<void> {
  const { size } = await stat(partial);
  await rm(partial, { force: true });
  meter.advance(file.name, -size);
}

async function write(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes);
  } catch (error) {
    throw toStorageError(error, 'write a downloaded file');
  }
}

async function isWhole({ sizeBytes, digest }: HubFile, path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (sizeBytes !== null && size !== sizeBytes) return false;
  if (digest === null) return true;
  const hash = createHash(digest.algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (digest.algorithm === 'git') hash.update(`blob ${size}\0`);
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex') === digest.hex;
}

function partialPath(path: string): string {
  return `${path}.partial`;
}
