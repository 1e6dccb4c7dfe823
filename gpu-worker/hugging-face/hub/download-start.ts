import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { headerLength, lengthBytes } from '../../../src/storage/safetensors-header.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { fileTooLarge } from '../model-files.js';
import type { HubFile } from './download.js';
import { hubError } from './hub-errors.js';
import { ConnectionFailed, type HubSettings, repeated, request } from './request.js';

/** Holds the header of most files; that of a model of 32 layers has some 30 kB. */
const firstBytes = 2 ** 16;
/** No file of weights is larger: the sparse file that stands for one would not fit any disk's addresses. */
const mostFileBytes = 2 ** 43;

/**
 * Downloads the beginning of a file of weights: of safetensors the header, of others `firstBytes`. The file at `path`
 * then has the size of the whole one, with nothing behind its beginning (a sparse file takes no room), so that what
 * reads headers, and checks them against the size, reads it as any other. No digest is compared.
 *
 * @param take called with bytes before they are fetched; it throws where they are too many
 * @throws ProblemError HUB_UNAVAILABLE, NOT_FOUND, ACCESS_DENIED, INVALID_MODEL; StorageError DISK_FULL, IO
 */
export async function downloadStart(
  hub: HubSettings,
  file: HubFile,
  path: string,
  signal: AbortSignal,
  take: (bytes: number) => void,
): Promise<void> {
  take(firstBytes);
  const first = await readRange(hub, file, 0, firstBytes, signal);
  const size = file.sizeBytes ?? first.fileBytes;
  if (size === null) {
    throw hubError('HUB_UNAVAILABLE', [], `the hub does not say how large ${file.name} is`, null);
  }
  if (size > mostFileBytes) throw fileTooLarge(file.name, size, mostFileBytes);
  const parts = [first.bytes.subarray(0, size)];
  const missing = neededBytes(file.name, first.bytes, size) - first.bytes.byteLength;
  if (missing > 0 && first.bytes.byteLength < size) {
    take(missing);
    parts.push((await readRange(hub, file, first.bytes.byteLength, missing, signal)).bytes);
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    const output = await open(path, 'wx');
    try {
      for (const part of parts) await output.writeFile(part);
      await output.truncate(size);
    } finally {
      await output.close();
    }
  } catch (error) {
    throw toStorageError(error, 'write the beginning of a file');
  }
}

/** Bytes from the beginning that tell what is in a file; of a damaged header none more, which its reader then finds. */
function neededBytes(name: string, first: Uint8Array, size: number): number {
  if (!name.endsWith('.safetensors') || first.byteLength < lengthBytes) return 0;
  try {
    return lengthBytes + headerLength(first.subarray(0, lengthBytes), size);
  } catch {
    return 0;
  }
}

/** At most `count` bytes from a place on, fewer at the end of the file; and the size of the file where it is told. */
function readRange(
  hub: HubSettings,
  { name, url }: HubFile,
  from: number,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly fileBytes: number | null }> {
  return repeated(hub, name, signal, async (hadProgress) => {
    const headers = { range: `bytes=${from}-${from + count - 1}` };
    const { response, pieces } = await request(hub, url, signal, { headers });
    // A hub that does not support ranges sends the whole file, of which the rest is not read.
    let toSkip = response.status === 206 ? 0 : from;
    const parts: Uint8Array[] = [];
    let have = 0;
    for await (const piece of pieces()) {
      hadProgress();
      const part = piece.subarray(Math.min(toSkip, piece.byteLength), toSkip + count - have);
      toSkip -= Math.min(toSkip, piece.byteLength);
      parts.push(part);
      have += part.byteLength;
      if (have >= count) break;
    }
    const fileBytes = sizeOf(response);
    if (have < count && fileBytes !== null && from + have < fileBytes) {
      throw new ConnectionFailed({ kind: 'network', cause: new Error('closed early') });
    }
    return { bytes: Buffer.concat(parts), fileBytes };
  });
}

function sizeOf({ status, headers }: Response): number | null {
  const told =
    status === 206
      ? headers.get('content-range')?.match(/^bytes \d+-\d+\/(\d{1,15})$/)?.[1]
      : headers.get('content-length')?.match(/^\d{1,15}$/)?.[0];
  return told === undefined ? null : Number(told);
}
