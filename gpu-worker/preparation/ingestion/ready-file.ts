import { join } from 'node:path';
import { checkEncodings, checkFileOptions } from '../../../src/preparation/check-file-options.js';
import { checkSignature, signatureBytes, withoutByteOrderMark } from '../../../src/preparation/file-signature.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { FileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { FileEncoding } from '../../../src/protocol/datasets/file-reading.js';
import type { FileFormat, UploadFormat } from '../../../src/protocol/datasets/split-request.js';
import { chooseEncoding } from '../formats/choose-encoding.js';
import { decodeText } from '../formats/decode-text.js';
import { surveyEncoding } from '../formats/encoding-survey.js';
import type { UnpackedFile } from '../formats/unpack.js';
import { checkNamedBinary, detectFormat, detectFormatOf, formatNotice } from './detect-format.js';
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
 * Makes an unpacked file ready to be read: finds its format, unless it is given; checks that it may be of it; and
 * decodes text.
 * @param folder for the file in UTF-8, where that is another one
 * @throws ProblemsError WRONG_FORMAT, EMPTY_FILE, INVALID_FILE, and those of options that do not fit the format
 */
export async function readyFile(
  { name, path, isWorkbook }: UnpackedFile,
  asked: UploadFormat,
  options: FileOptions,
  folder: string,
  problemPath: readonly string[],
): Promise<ReadyFile> {
  if (isWorkbook || asked === 'EXCEL') return readyWorkbook({ name, path, isWorkbook }, asked, options, problemPath);
  const { start } = await requireSignature(path, asked, problemPath);
  const isParquet = asked === 'PARQUET' || (asked === 'AUTO' && detectFormat(start, false, name) === 'PARQUET');
  if (isParquet) {
    await requireSignature(path, 'PARQUET', problemPath);
    const notices = noticesOf(asked, 'PARQUET', name);
    return ready({ name, path, format: 'PARQUET', encoding: null, notices }, options);
  }
  const encodings = {
    encoding: options.encoding ?? null,
    otherLinesEncoding: options.otherLinesEncoding ?? null,
  };
  requireFitting(checkEncodings(encodings));
  const chosen = await chooseEncoding(start, encodings, () => surveyEncoding(path), problemPath);
  const encoding = { name: chosen.name, found: chosen.found };
  const isUtf8 = chosen.name === 'utf-8' && chosen.otherLines === null;
  const text = isUtf8 ? path : join(folder, 'utf-8');
  const unreadable = isUtf8 ? [] : await decodeText(path, text, chosen);
  const { head, isWholeFile } = await requireSignature(text, asked, problemPath);
  const beginning = withoutByteOrderMark(head);
  const format = asked === 'AUTO' ? await detectFormatOf(text, beginning, isWholeFile, name) : asked;
  if (asked === 'AUTO' && format === 'CSV') {
    const wrong = checkNamedBinary(beginning, isWholeFile, name, problemPath);
    if (wrong !== null) throw new ProblemsError([wrong]);
  }
  const notices = [...noticesOf(asked, format, name), ...chosen.notices, ...unreadable];
  return ready({ name, path: text, format, encoding, notices }, options);
}

function readyWorkbook(
  { name, path, isWorkbook }: UnpackedFile,
  asked: UploadFormat,
  options: FileOptions,
  problemPath: readonly string[],
): ReadyFile {
  const wrong = (message: string, hint: string) =>
    new ProblemsError([problem(problemPath, 'WRONG_FORMAT', message, hint)]);
  if (!isWorkbook)
    throw wrong('The file is no Excel workbook (.xlsx).', 'Create an upload with the format that it has.');
  if (asked !== 'EXCEL' && asked !== 'AUTO') {
    throw wrong(`The file is an Excel workbook, not ${asked}.`, 'Give `fileOptions: { format: EXCEL }`.');
  }
  return ready({ name, path, format: 'EXCEL', encoding: null, notices: noticesOf(asked, 'EXCEL', name) }, options);
}

/** What is told of the format, which was found where it was not asked for. */
function noticesOf(asked: UploadFormat, format: FileFormat, name: string): FileNotice[] {
  const notice = asked === 'AUTO' ? formatNotice(format, name) : null;
  return notice === null ? [] : [notice];
}

/** A file with options that fit its format. */
function ready(file: ReadyFile, options: FileOptions): ReadyFile {
  requireFitting(checkFileOptions(options, file.format));
  return file;
}

function requireFitting(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}

async function requireSignature(path: string, format: UploadFormat, problemPath: readonly string[]) {
  const { head, isWholeFile, tail } = await readEnds(path);
  const start = head.subarray(0, signatureBytes);
  const wrong = checkSignature(start, tail, format, problemPath);
  if (wrong !== null) throw new ProblemsError([wrong]);
  return { head, isWholeFile, start };
}
