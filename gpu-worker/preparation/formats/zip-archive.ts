import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { UnpackBudget } from './unpack-budget.js';

/** A file in an archive. */
interface ArchivedFile {
  /** Its path in the archive; never one on this machine. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its bytes, whose checksum is verified. */
  read(): AsyncIterable<Uint8Array>;
}

export interface ZipArchive {
  readonly files: readonly ArchivedFile[];
  /** Names of what programs add beside people's files, which is not read. */
  readonly skipped: readonly string[];
  close(): void;
}

const stored = 0;
const deflated = 8;

/** What macOS and Windows write into archives and folders by themselves. */
const byPrograms = /(^|\/)(__MACOSX\/|\._[^/]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Opens a ZIP archive and lists its files. Only its directory is read, of at most `maxEntries`.
 * @throws ProblemsError INVALID_FILE: damaged, encrypted, packed by an unknown method, or with a path that leads out
 */
export async function openZip(path: string, budget: UnpackBudget, problemPath: readonly string[]): Promise<ZipArchive> {
  const refusal = (message: string, hint: string) =>
    new ProblemsError([problem(problemPath, 'INVALID_FILE', message, hint)]);
  const damaged = (error: unknown) => {
    const why = error instanceof Error ? ` (${error.message})` : '';
    return refusal(`The ZIP archive is damaged${why}.`, 'Make it again, and upload it.');
  };
  const zip = await yauzl
    // The names are decoded here, so that one that leads out is told by itself.
    .openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false })
    .catch((error: unknown) => {
      throw damaged(error);
    });
  try {
    const { maxEntries } = budget.limits;
    if (zip.entryCount > maxEntries) {
      const message = `The ZIP archive has ${zip.entryCount} entries; at most ${maxEntries} are read.`;
      throw refusal(message, 'Upload fewer files at a time.');
    }
    const files: ArchivedFile[] = [];
    const skipped: string[] = [];
    for await (const entry of entriesOf(zip, damaged)) {
      const name = nameOf(entry);
      const wrong = yauzl.validateFileName(name);
      if (wrong !== null || name.includes('\0')) {
        const message = `The ZIP archive names a file outside of itself: “${name.replaceAll('\0', '␀')}”.`;
        throw refusal(message, 'Make the archive again, with paths below its own folder.');
      }
      if (name.endsWith('/')) continue;
      if (byPrograms.test(name)) {
        skipped.push(name);
        continue;
      }
      if (entry.isEncrypted()) {
        throw refusal(`“${name}” in the ZIP archive is encrypted.`, 'Make the archive again, without a password.');
      }
      if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated) {
        const message = `“${name}” in the ZIP archive is packed by method ${entry.compressionMethod}, which is not known.`;
        throw refusal(message, 'Make the archive again, with Deflate.');
      }
      files.push({
        name,
        sizeBytes: entry.uncompressedSize,
        read: () => readEntry(zip, entry, (error) => (error instanceof ProblemsError ? error : damaged(error))),
      });
    }
    return { files, skipped, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function* entriesOf(zip: ZipFile, damaged: (error: unknown) => Error): AsyncGenerator<Entry> {
  const entries = zip.eachEntry();
  for (;;) {
    const next = await entries.next().catch((error: unknown) => {
      throw damaged(error);
    });
    if (next.done === true) return;
    yield next.value;
  }
}

function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  // Archives of Windows may divide folders by backslashes, which are made slashes unless names are read strictly.
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

async function* readEntry(
  zip: ZipFile,
  entry: Entry,
  toProblem: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw toProblem(error);
  }
  if (sum !== entry.crc32) throw toProblem(new Error('a checksum is wrong'));
}
