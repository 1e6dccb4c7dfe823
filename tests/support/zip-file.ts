import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

/** A ZIP archive of these files, by their paths in it. */
export async function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** The same archive with another path in all its places: one of the same length, which no packer would write. */
export function renamed(zip: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('the paths have different lengths');
  return Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');
}
