import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { ZipFile } from 'yazl';

export interface ArchivedFile {
  /** Slashes separate folders. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A regular file that everybody may read. */
const mode = 0o100644;

/**
 * Answers with one ZIP archive of the files, streamed in constant memory. Nothing is compressed (weights hardly
 * shrink), so the size is known beforehand. Archives and files beyond 4 GB are written as ZIP64. One file is open at a
 * time; for HEAD, none.
 */
export async function sendArchive(
  files: readonly ArchivedFile[],
  answer: { readonly modifiedAt: Date; readonly request: Request; readonly response: Response },
  open: (path: string) => Readable = (path) => createReadStream(path),
): Promise<void> {
  const { modifiedAt, request, response } = answer;
  const zip = new ZipFile();
  // A fault midway breaks the connection off, so that no client takes half an archive for a whole one.
  const faults: unknown[] = [];
  zip.on('error', (error) => {
    faults.push(error);
    response.destroy(error);
  });
  let reading: Readable | null = null;
  for (const { name, path, sizeBytes } of files) {
    const options = { size: sizeBytes, compress: false, mtime: modifiedAt, mode };
    zip.addReadStreamLazy(name, options, (use) => {
      // The library asks for the first file as soon as it is added, and may ask for the next after the client has gone.
      if (request.method === 'HEAD' || response.destroyed) return;
      reading = open(path);
      // The library does not listen for errors of the stream, and an unhandled one would end the process.
      reading.on('error', (error) => zip.emit('error', error));
      use(null, reading);
    });
  }
  try {
    // Called at once, because every size is given.
    zip.end(undefined, (...sizes: unknown[]) => response.set('content-length', String(sizes[0])));
    response.type('application/zip');
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    await pipeline(zip.outputStream, response);
  } catch (error) {
    // A client that goes away is not a fault.
    if (faults.length > 0) throw faults[0];
    if (!response.destroyed) throw error;
  } finally {
    // When its output is abandoned, the library stops reading but keeps the file open.
    (reading as Readable | null)?.destroy();
  }
}
