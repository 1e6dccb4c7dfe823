import { ConnectionError, RefusedError } from './errors.js';
import type { FileSource } from './file-source.js';
import type { FileFormat } from './generated/operations.js';
import { fetchOnce, pauseAfter, type Server } from './http.js';
import { retryAfterSeconds, wait } from './waiting.js';

export interface UploadOptions {
  /** Default: the server tells it by the file's name and content. */
  readonly format?: FileFormat;
  /** Default: the project that the API key opens, else `default`. */
  readonly projectSlug?: string;
  /**
   * Whether to go on with an upload of the same file that broke off earlier: one of the same name, size and SHA-256,
   * as far as the source knows it. Default: no.
   */
  readonly continuesPending?: boolean;
  /** Bytes that have arrived, of all; called at the beginning, and after each part. */
  readonly onProgress?: (arrivedBytes: number, totalBytes: number) => void;
  /** Failures in a row, without a byte that arrives between them, after which it throws. Default: as for requests. */
  readonly maxRetries?: number;
  readonly signal?: AbortSignal;
}

const partType = 'application/offset+octet-stream';
/** The first part is small, so that progress shows soon on a slow line; each takes about a second. */
const [smallestPartBytes, largestPartBytes] = [256 * 2 ** 10, 16 * 2 ** 20];
const partMs = 1_000;

/**
 * Sends what is missing of a file to the URL of an upload, in parts (tus 1.0). After a break it asks how much has
 * arrived, and goes on there; it gives up after so many failures in a row without a byte that arrived. Throws
 * ConnectionError and RefusedError.
 *
 * @param arrivedBytes how much the server has
 */
export async function sendParts(
  server: Server,
  target: URL,
  source: FileSource,
  arrivedBytes: number,
  { onProgress, maxRetries = server.retry.maxRetries, signal }: UploadOptions,
): Promise<void> {
  const { sizeBytes } = source;
  let [at, partBytes, failures] = [arrivedBytes, smallestPartBytes, 0];
  let [isWhole, isAtKnown] = [false, true];
  onProgress?.(at, sizeBytes);
  while (!isWhole) {
    signal?.throwIfAborted();
    try {
      if (!isAtKnown) {
        const arrived = await askArrived(server, target, signal);
        if (arrived > at) failures = 0;
        [at, isAtKnown] = [arrived, true];
      }
      const startedAt = performance.now();
      const end = Math.min(sizeBytes, at + partBytes);
      const arrived = await sendPart(server, target, await source.read(at, end), { at, sizeBytes, signal });
      [failures, isWhole] = [0, arrived.isWhole];
      if (arrived.at === end) partBytes = nextPartBytes(partBytes, performance.now() - startedAt);
      at = arrived.at;
      onProgress?.(at, sizeBytes);
    } catch (error) {
      const pauseMs = ++failures > maxRetries ? null : pauseAfter(error, true, server.retry, failures);
      if (pauseMs === null) throw error;
      await wait(pauseMs, signal);
      [isAtKnown, partBytes] = [false, smallestPartBytes];
    }
  }
}

function nextPartBytes(partBytes: number, tookMs: number): number {
  const wanted = tookMs < partMs / 2 ? 2 * partBytes : tookMs > 2 * partMs ? partBytes / 2 : partBytes;
  return Math.max(smallestPartBytes, Math.min(largestPartBytes, wanted));
}

interface Arrived {
  readonly at: number;
  readonly isWhole: boolean;
}

async function sendPart(
  server: Server,
  target: URL,
  body: Blob | Uint8Array<ArrayBuffer>,
  {
    at,
    sizeBytes,
    signal,
  }: { readonly at: number; readonly sizeBytes: number; readonly signal: AbortSignal | undefined },
): Promise<Arrived> {
  const response = await fetchOnce(server, target, {
    method: 'PATCH',
    headers: {
      // A Blob would bring a type of its own.
      'content-type': partType,
      'upload-offset': String(at),
      'upload-length': String(sizeBytes),
      'tus-resumable': '1.0.0',
    },
    body,
    signal,
  });
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN);
  if (response.status === 204) return { at: offset, isWhole: offset === sizeBytes };
  const refusal = await refusalOf(response);
  // The part before arrived, and its answer did not.
  if (refusal.code === 'ALREADY_RECEIVED') return { at: sizeBytes, isWhole: true };
  if (response.status === 409 && !Number.isNaN(offset)) return { at: offset, isWhole: false };
  // The line is slow, and what came of the part is kept.
  if (response.status === 408) throw new ConnectionError(refusal.message, refusal.hint, refusal);
  throw refusal;
}

async function askArrived(server: Server, target: URL, signal: AbortSignal | undefined): Promise<number> {
  const response = await fetchOnce(server, target, { method: 'HEAD', signal });
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN);
  if (response.ok && !Number.isNaN(offset)) return offset;
  throw await refusalOf(response);
}

/** What an answer to a file says is wrong: `{ code, message, hint }`. */
export async function refusalOf(response: Response): Promise<RefusedError> {
  const text = await response.text().catch(() => '');
  let told: { code?: string; message?: string; hint?: string | null } = {};
  try {
    told = JSON.parse(text) ?? {};
  } catch {
    // A proxy's page, or the answer to HEAD, which has no body.
  }
  return new RefusedError(told.message ?? `${new URL(response.url).origin} answered with status ${response.status}.`, {
    code: told.code ?? 'REFUSED',
    hint: told.hint ?? null,
    status: response.status,
    requestId: response.headers.get('x-request-id'),
    retryAfterSeconds: retryAfterSeconds(response.headers),
  });
}
