import { createReadStream, type ReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { ZipFile } from 'yazl';

export interface ArchivedFile {
  /** Slashes make folders. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A regular file that everybody may read. */
const mode = 0o100644;

/**
 * Answers with one ZIP archive of the files, streamed: memory stays flat, and the size is known beforehand, because nothing is compressed
 * (weights hardly get smaller). Archives and files beyond 4 GB are written as ZIP64.
 */
export async function sendArchive(
  files: readonly ArchivedFile[],
  answer: { readonly modifiedAt: Date; readonly request: Request; readonly response: Response },
): Promise<void> {
  const { modifiedAt, request, response } = answer;
  const zip = new ZipFile();
  let reading: ReadStream | null = null;
  for (const { name, path, sizeBytes } of files) {
    const options = { size: sizeBytes, compress: false, mtime: modifiedAt, mode };
    zip.addReadStreamLazy(name, options, (use) => {
      reading = createReadStream(path);
      use(null, reading);
    });
  }
  const sizeBytes = await new Promise<number>((resolve, reject) => {
    zip.on('error', reject);
    zip.end(undefined, (...sizes: unknown[]) => resolve(Number(sizes[0])));
  });
  response.type('application/zip');
  if (sizeBytes >= 0) response.set('content-length', String(sizeBytes));
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // A file that can't be read midway: the connection breaks off, so that nobody takes half an archive for a whole one.
  zip.on('error', (error) => response.destroy(error));
  try {
    await pipeline(zip.outputStream, response);
  } catch (error) {
    if (!response.destroyed) throw error;
  } finally {
    // The library stops reading when nobody listens, and keeps the file open.
    (reading as ReadStream | null)?.destroy();
  }
}
