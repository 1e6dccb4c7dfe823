import { canonicalEncoding } from '../../../src/preparation/check-file-options.js';
import { readByteOrderMark, utf16Of } from '../../../src/preparation/file-signature.js';
import { notUtf8, recogniseEncoding } from '../../../src/preparation/text-encoding.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { FileEncoding } from '../../../src/protocol/datasets/file-reading.js';
import type { EncodingSurvey } from './encoding-survey.js';

/** How a text file is decoded. */
export interface ChosenEncoding extends FileEncoding {
  /** Bytes of a byte order mark, which are no text. */
  readonly markBytes: number;
  /** The encoding of lines that are not UTF-8, in a file that otherwise is; null: they are rejected. */
  readonly otherLines: string | null;
  readonly notices: readonly FileNotice[];
}

export interface AskedEncoding {
  /** The encoding of the whole file; null: the one that it is found to have. */
  readonly encoding: string | null;
  /** The encoding of lines that are not UTF-8; null: they are rejected. */
  readonly otherLinesEncoding: string | null;
}

/** This many lines that are UTF-8 for each that is not show a file whose lines differ; else they are chance. */
const utf8ByChance = 0.02;
/** Files with fewer lines in another encoding are not refused for an encoding that is not recognised. */
const fewLines = 10;

/**
 * Chooses how to decode a text file: as asked, as its byte order mark says, as UTF-8 if that is what it is, and else as
 * it looks. A file that is UTF-8 but for some lines stays UTF-8.
 *
 * @param head the first 4 KiB
 * @param survey looks at the whole file; called only where the rest does not tell
 * @throws ProblemsError WRONG_FORMAT: not UTF-8, and the encoding is not recognised
 */
export async function chooseEncoding(
  head: Uint8Array,
  asked: AskedEncoding,
  survey: () => Promise<EncodingSurvey>,
  problemPath: readonly string[],
): Promise<ChosenEncoding> {
  const mark = readByteOrderMark(head);
  const plain = { markBytes: 0, otherLines: null, notices: [] };
  if (asked.encoding !== null) {
    const name = canonicalEncoding(asked.encoding)!;
    return { ...plain, name, found: 'GIVEN', markBytes: mark?.name === name ? mark.bytes : 0 };
  }
  if (mark !== null && mark.name !== 'utf-8') {
    return { ...plain, name: mark.name, found: 'BYTE_ORDER_MARK', markBytes: mark.bytes };
  }
  const utf16 = utf16Of(head);
  if (utf16 !== null) return { ...plain, name: utf16, found: 'RECOGNISED', notices: [recognised(utf16)] };

  const { utf8Lines, otherLines, firstOtherLine, sample } = await survey();
  const markBytes = mark?.bytes ?? 0;
  const utf8 = { name: 'utf-8', found: mark === null ? 'UTF8' : 'BYTE_ORDER_MARK', markBytes } as const;
  if (otherLines === 0) return { ...plain, ...utf8 };
  const other = recogniseEncoding(sample);
  if (asked.otherLinesEncoding !== null) {
    const name = canonicalEncoding(asked.otherLinesEncoding)!;
    return { ...utf8, otherLines: name, notices: [mixed(otherLines, firstOtherLine, name, true)] };
  }
  if (mark !== null || utf8Lines > utf8ByChance * otherLines) {
    return { ...utf8, otherLines: null, notices: [mixed(otherLines, firstOtherLine, other, false)] };
  }
  if (other !== null) return { ...plain, name: other, found: 'RECOGNISED', notices: [recognised(other)] };
  if (otherLines >= fewLines) throw new ProblemsError([notUtf8(problemPath, sample)]);
  return { ...utf8, otherLines: null, notices: [mixed(otherLines, firstOtherLine, null, false)] };
}

function recognised(name: string): FileNotice {
  const message = `The file is not UTF-8; it looks like ${name}, and was read so. \`fileOptions: { encoding: … }\` names another encoding.`;
  return { code: 'ENCODING_RECOGNISED', message };
}

function mixed(lines: number, first: number, other: string | null, isRead: boolean): FileNotice {
  const which = `${lines === 1 ? 'One line is' : `${lines} lines are`} not UTF-8, as the rest of the file is: the first is line ${first}.`;
  const looks = other === null ? '' : ` They look like ${other}.`;
  const message = isRead
    ? `${which} They were read as ${other}.`
    : `${which}${looks} Their rows are rejected, unless \`fileOptions: { otherLinesEncoding: "${other ?? 'windows-1252'}" }\` names their encoding.`;
  return { code: 'MIXED_ENCODINGS', message };
}
