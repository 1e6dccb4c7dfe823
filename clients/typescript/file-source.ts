/** A file whose bytes are read as they are sent, so that memory does not grow with it. */
export interface FileSource {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of the whole, in lower-case hexadecimal: the server checks it, and an upload that goes on is of the same file. */
  readonly sha256?: string;
  /** @param end the byte behind the last one */
  read(start: number, end: number): Promise<Blob | Uint8Array<ArrayBuffer>>;
}

/** A file that a page was given, or any bytes. */
export function blobSource(blob: Blob, name: string): FileSource {
  return { name, sizeBytes: blob.size, read: async (start, end) => blob.slice(start, end) };
}

export function bytesSource(bytes: Uint8Array<ArrayBuffer> | string, name: string): FileSource {
  const all = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { name, sizeBytes: all.byteLength, read: async (start, end) => all.subarray(start, end) };
}
