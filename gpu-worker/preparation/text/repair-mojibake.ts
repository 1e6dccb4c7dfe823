import { bytesInEncoding, encodingsThatHave, readUtf8 } from './bytes-of-mojibake.js';
import { looksLikeMojibake } from './looks-like-mojibake.js';
import { replaceLostSequences, restoreByteA0 } from './mend-bytes.js';
import { comesFrom } from './mojibake-characters.js';
import { singleByteEncodings } from './single-byte-encodings.js';

/** Longer lines are repaired piece by piece: the cost of one piece stays bounded. The figure is ftfy's. */
const maxPieceLength = 1_000_000;

const beyondAscii = /[^\0-\x7f]/;
const c1Control = /[\x80-\x9f]/;
const c1Controls = /[\x80-\x9f]/g;
const windows1252 = singleByteEncodings.find(({ name }) => name === 'windows-1252')!.upperHalf;
const macRoman = singleByteEncodings.findIndex(({ name }) => name === 'macroman');

const { firstOf2, firstOf3, firstOf4, continuation, strictContinuation } = comesFrom;
const utf8AsCharacters = new RegExp(
  `(?<![${strictContinuation}])(?:[${firstOf2}][${continuation}]|[${firstOf3}][${continuation}]{2}` +
    `|[${firstOf4}][${continuation}]{3})+`,
  'g',
);

/**
 * Repairs mojibake: UTF-8 that was read as Windows-1252, Latin-1, Windows-1251 or one of seven other encodings, once or
 * several times. A text, or a piece of it, is changed only where it has characters beside each other that hardly any
 * text has; each line is judged alone. What bytes were lost for becomes U+FFFD. Idempotent.
 *
 * The algorithm is that of ftfy 6.3.1 (Robyn Speer, Apache License 2.0): `fix_text` with all but the repair of the
 * encoding switched off.
 */
export function repairMojibake(text: string): string {
  if (!beyondAscii.test(text)) return text;
  if (text.length <= maxPieceLength && !text.includes('\n')) return repairPiece(text);
  let repaired = '';
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start) + 1;
    let end = Math.min(lineEnd === 0 ? text.length : lineEnd, start + maxPieceLength);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
    repaired += repairPiece(text.slice(start, end));
    start = end;
  }
  return repaired;
}

function repairPiece(piece: string): string {
  for (let text = piece; ; ) {
    const next = repairOnce(text);
    if (next === text) return text;
    text = next;
  }
}

/** Undoes one wrong reading; gives the same text when it finds none. */
function repairOnce(text: string): string {
  if (!beyondAscii.test(text) || !looksLikeMojibake(text)) return text;
  const encodings = encodingsThatHave(text);
  for (const encoding of encodings) {
    const read = readAgain(text, encoding);
    if (read !== null) return read;
  }
  const inPlaces = text.replace(utf8AsCharacters, (sequence) =>
    sequence.length < text.length && looksLikeMojibake(sequence) ? repairPiece(sequence) : sequence,
  );
  if (inPlaces !== text) return inPlaces;
  if (!c1Control.test(text)) return text;
  // Nobody wants control characters of C1: they were meant as Windows-1252, in which five bytes stand for nothing.
  return text.replace(c1Controls, (control) => windows1252.charAt(control.charCodeAt(0) - 0x80));
}

/** The text that the bytes are in UTF-8, which were read as characters of an encoding; null when they are no UTF-8. */
function readAgain(text: string, encoding: number): string | null {
  let bytes = bytesInEncoding(text, encoding);
  // In Mac Roman, a dash before a space would look like the beginning of such a sequence.
  if (encoding !== macRoman) bytes = restoreByteA0(bytes);
  if (singleByteEncodings[encoding]!.lossy) bytes = replaceLostSequences(bytes);
  return readUtf8(bytes);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
