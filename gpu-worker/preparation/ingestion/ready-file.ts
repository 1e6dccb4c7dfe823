import { join } from 'node:path';
import { isText } from '../../../src/preparation/check-file-options.js';
import { checkSignature, signatureBytes } from '../../../src/preparation/file-signature.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { FileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { FileEncoding } from '../../../src/protocol/datasets/file-reading.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { chooseEncoding } from '../formats/choose-encoding.js';
import { decodeText } from '../formats/decode-text.js';
import { surveyEncoding } from '../formats/encoding-survey.js';
import type { UnpackedFile } from '../formats/unpack.js';
import { readEnds } from './file-passes.js';

/** A file whose rows can be read: unpacked, and if it is text, in UTF-8. */
export interface ReadyFile {
  readonly name: string;
  readonly path: string;
  readonly format: FileFormat;
  /** Null: the file is no text. */
  readonly encoding: FileEncoding | null;
  readonly notices: readonly FileNotice[];
}

/**
 * Makes an unpacked file ready to be read as its format: checks that it may be of it, and decodes text.
 * @param folder for the file in UTF-8, where that is another one
 * @throws ProblemsError WRONG_FORMAT, EMPTY_FILE, INVALID_FILE; StorageError
 */
export async function readyFile(
  { name, path }: UnpackedFile,
  format: FileFormat,
  options: FileOptions,
  folder: string,
  problemPath: readonly string[],
): Promise<ReadyFile> {
  const head = await requireSignature(path, format, problemPath);
  if (!isText(format)) return { name, path, format, encoding: null, notices: [] };
  const asked = {
    encoding: options.encoding ?? null,
    otherLinesEncoding: options.otherLinesEncoding ?? null,
  };
  const chosen = await chooseEncoding(head, asked, () => surveyEncoding(path), problemPath);
  const encoding = { name: chosen.name, found: chosen.found };
  if (chosen.name === 'utf-8' && chosen.otherLines === null) {
    return { name, path, format, encoding, notices: chosen.notices };
  }
  const decoded = join(folder, 'utf-8');
  const unreadable = await decodeText(path, decoded, chosen);
  await requireSignature(decoded, format, problemPath);
  return { name, path: decoded, format, encoding, notices: [...chosen.notices, ...unreadable] };
}

async function requireSignature(path: string, format: FileFormat, problemPath: readonly string[]): Promise<Uint8Array> {
  const { head, tail } = await readEnds(path);
  const start = head.subarray(0, signatureBytes);
  const wrong = checkSignature(start, tail, format, problemPath);
  if (wrong !== null) throw new ProblemsError([wrong]);
  return start;
}
