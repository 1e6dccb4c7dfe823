import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInspection } from '../../../src/protocol/model-inspection.js';
import { lengthBytes } from '../../../src/storage/safetensors-header.js';
import { openWeights, type WeightFiles } from '../checkpoint-files.js';
import type { ModelFiles } from '../model-files.js';
import { formatBytes, invalidModel } from '../problems.js';
import type { WeightFileNames } from '../weight-file-names.js';

/** Of all files of weights together: a thousand layers have some 2 MB. */
const mostHeaderBytes = 2 ** 26;

/**
 * Opens files of weights, of which the headers are read. Errors: ProblemError INVALID_MODEL where they are damaged, or
 * say that they are longer than those of any model.
 */
export async function openHeaders(files: ModelFiles, names: WeightFileNames): Promise<WeightFiles> {
  await files.fetch(names.names);
  let bytes = 0;
  for (const name of names.names) {
    bytes += await headerBytesOf(join(files.folder, name));
    if (bytes > mostHeaderBytes) {
      throw invalidModel(`the headers of its weights have more than ${formatBytes(mostHeaderBytes)}`);
    }
  }
  return openWeights(files, names);
}

/** The files' sizes, those of the hub where only the beginnings were fetched. */
export async function sizeOf(files: ModelFiles, names: readonly string[]): Promise<ModelInspection['weights']> {
  if (names.length === 0) return null;
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(files.folder, name)).catch(() => null))?.size ?? 0),
  );
  return { fileCount: names.length, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The length that a file says its header has. One beyond the file is refused by its reader before it is read. */
async function headerBytesOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, 0);
    const { size } = await file.stat();
    const said = bytesRead < lengthBytes ? 0 : Number(buffer.readBigUInt64LE(0));
    return said > size ? 0 : said;
  } finally {
    await file.close();
  }
}
