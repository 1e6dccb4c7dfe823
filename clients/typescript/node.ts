import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import WebSocket from 'ws';
import { createClient as createCoreClient } from './client.js';
import { ConnectionError } from './errors.js';
import type { AttuneClient, ClientOptions, FileSource, RequestOptions } from './index.js';

export * from './index.js';

/** A client for Node, from 20.19 on. */
export function createClient(options: ClientOptions): AttuneClient {
  return createCoreClient({ webSocketImpl: WebSocket, ...options });
}

/** A file on this machine, read twice: for its SHA-256, then part by part as it is sent. Close it when it was sent. */
export async function openFile(path: string, { signal }: RequestOptions = {}): Promise<FileSource & AsyncDisposable> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    name: basename(path),
    sizeBytes: size,
    sha256: hash.digest('hex'),
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error(`${path} became shorter while it was sent.`);
      return bytes;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Breaks in a row, without a byte between them, after which a download is given up. */
const maxBreaks = 5;

/**
 * Writes what a URL in an answer names to a file, which appears when it is whole. A download that breaks off goes on
 * where it ended; an archive, which the server makes as it sends it, begins again.
 */
export async function saveTo(
  client: AttuneClient,
  url: string,
  path: string,
  options: RequestOptions & {
    /** @param totalBytes null: the server does not say */
    readonly onProgress?: (arrivedBytes: number, totalBytes: number | null) => void;
  } = {},
): Promise<void> {
  const { signal, onProgress } = options;
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  let [at, breaks] = [0, 0];
  let etag: string | null = null;
  try {
    for (let isWhole = false; !isWhole; ) {
      const headers = at > 0 && etag !== null ? { range: `bytes=${at}-`, 'if-range': etag } : undefined;
      const response = await client.download(url, {
        signal,
        ...(headers === undefined ? {} : { headers }),
      });
      if (response.status !== 206) {
        await file.truncate(0);
        at = 0;
      }
      etag = response.headers.get('etag');
      const length = response.headers.get('content-length');
      const totalBytes = length === null ? null : at + Number(length);
      const reader = response.body?.getReader();
      while (reader !== undefined) {
        const read = await reader.read().catch((cause: unknown) => {
          signal?.throwIfAborted();
          // The last byte had come when the line broke.
          if (at === totalBytes) return { done: true as const, value: undefined };
          if (++breaks > maxBreaks) throw brokenOff(url, cause);
          return null;
        });
        if (read === null || read.done) {
          isWhole = read !== null;
          break;
        }
        breaks = 0;
        await file.write(read.value, 0, read.value.byteLength, at);
        at += read.value.byteLength;
        onProgress?.(at, totalBytes);
      }
      isWhole ||= reader === undefined;
    }
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

function brokenOff(url: string, cause: unknown): ConnectionError {
  return new ConnectionError(`The download of ${url} breaks off again and again.`, 'Try again later.', cause);
}
