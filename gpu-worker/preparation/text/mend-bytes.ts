/**
 * What happens to bytes of UTF-8 while they pass for characters of another encoding, undone. A byte is a character from
 * U+0000 to U+00FF. The rules are those of ftfy 6.3.1 (Robyn Speer, Apache License 2.0; `ftfy/fixes.py`).
 */

/** “à” as a word: the byte A0 and the space after it became one space. Not before the rest of à(quele), à(s). */
const graveWord = /\xc3 (?! |quele|quela|quilo|s )/g;

/** Sequences of UTF-8 in which a space stands where the byte A0 would be. */
const spaceForA0 =
  /[\xc2\xc3\xc5\xce\xd0\xd9][ ]|[\xe2\xe3][ ][\x80-\x84\x86-\x9f\xa1-\xbf]|[\xe0-\xe3][\x80-\x84\x86-\x9f\xa1-\xbf][ ]|[\xf0][ ][\x80-\xbf][\x80-\xbf]|[\xf0][\x80-\xbf][ ][\x80-\xbf]|[\xf0][\x80-\xbf][\x80-\xbf][ ]/g;
const hasSpaceForA0 = new RegExp(spaceForA0.source);

/** Puts the byte A0 where something made a plain space of it, within sequences that would be UTF-8 with it. */
export function restoreByteA0(bytes: string): string {
  if (!hasSpaceForA0.test(bytes)) return bytes;
  return bytes.replace(graveWord, '\xc3\xa0 ').replace(spaceForA0, (sequence) => sequence.replaceAll(' ', '\xa0'));
}

/** Sequences of UTF-8 and CESU-8 of which bytes were lost: 1A stands for a byte that became U+FFFD, “?” may too. */
const lostBytes = new RegExp(
  [
    String.raw`[\xc2-\xdf][\x1a]`,
    String.raw`[\xc2-\xc3][?]`,
    String.raw`\xed[\xa0-\xaf][\x1a?]\xed[\xb0-\xbf][\x1a?\x80-\xbf]`,
    String.raw`\xed[\xa0-\xaf][\x1a?\x80-\xbf]\xed[\xb0-\xbf][\x1a?]`,
    String.raw`[\xe0-\xef][\x1a?][\x1a\x80-\xbf]`,
    String.raw`[\xe0-\xef][\x1a\x80-\xbf][\x1a?]`,
    String.raw`[\xf0-\xf4][\x1a?][\x1a\x80-\xbf][\x1a\x80-\xbf]`,
    String.raw`[\xf0-\xf4][\x1a\x80-\xbf][\x1a?][\x1a\x80-\xbf]`,
    String.raw`[\xf0-\xf4][\x1a\x80-\xbf][\x1a\x80-\xbf][\x1a?]`,
    String.raw`\x1a`,
  ].join('|'),
  'g',
);

/** Puts the bytes of U+FFFD for sequences of which bytes were lost, so that the rest of the text can be read. */
export function replaceLostSequences(bytes: string): string {
  return bytes.replace(lostBytes, '\xef\xbf\xbd');
}
