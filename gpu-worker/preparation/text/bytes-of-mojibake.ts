import { isUtf8 } from 'node:buffer';
import { singleByteEncodings } from './single-byte-encodings.js';

/**
 * For each UTF-16 unit a bit for each encoding that has the character: one pass over a text tells the encodings that it
 * may have been read in.
 */
const encodingsWith = new Uint16Array(0x10000);
const bytesOf = singleByteEncodings.map(({ upperHalf, lossy }, index) => {
  const bytes = new Map<number, string>();
  const put = (unit: number, byte: number) => {
    bytes.set(unit, String.fromCharCode(byte));
    encodingsWith[unit]! |= 1 << index;
  };
  for (let byte = 0; byte < 0x80; byte += 1) put(byte, byte);
  for (let byte = 0x80; byte < 0x100; byte += 1) put(upperHalf.charCodeAt(byte - 0x80), byte);
  if (lossy) {
    // Byte 1A, “substitute”, stands for the replacement character: what was there is lost.
    encodingsWith[0x1a]! &= ~(1 << index);
    bytes.delete(0x1a);
    put(0xfffd, 0x1a);
  }
  return bytes;
});

/** The places in `singleByteEncodings` of those that have all characters of a text. */
export function encodingsThatHave(text: string): number[] {
  let common = (1 << singleByteEncodings.length) - 1;
  for (let index = 0; index < text.length && common !== 0; index += 1) common &= encodingsWith[text.charCodeAt(index)]!;
  return singleByteEncodings.flatMap((_, index) => ((common & (1 << index)) === 0 ? [] : [index]));
}

/** The bytes of a text in an encoding that has all its characters; a byte is a character from U+0000 to U+00FF. */
export function bytesInEncoding(text: string, encoding: number): string {
  const bytes = bytesOf[encoding]!;
  return Array.from({ length: text.length }, (_, index) => bytes.get(text.charCodeAt(index))!).join('');
}

const javaNull = /\xc0\x80/g;
const surrogatesAsBytes = /\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g;

/**
 * The text of bytes in UTF-8, null when they are none. Two forms that are not allowed, and occur, are read as well: the
 * two bytes that Java writes for U+0000, and surrogates that were encoded one by one (CESU-8).
 */
export function readUtf8(bytes: string): string | null {
  const standard = bytes
    .replace(javaNull, '\0')
    .replace(surrogatesAsBytes, (_, second: string, third: string, fifth: string, sixth: string) =>
      Buffer.from(
        String.fromCodePoint(
          0x10000 +
            ((second.charCodeAt(0) & 0x0f) << 16) +
            ((third.charCodeAt(0) & 0x3f) << 10) +
            ((fifth.charCodeAt(0) & 0x0f) << 6) +
            (sixth.charCodeAt(0) & 0x3f),
        ),
      ).toString('latin1'),
    );
  const buffer = Buffer.from(standard, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}
