/**
 * How many words stand between white space. Scripts without spaces, such as Chinese and Thai, have few “words” by this;
 * a segmenter would know them, but takes tens of times as long, and gives other counts with other versions of Node.
 */
export function countWords(text: string): number {
  let count = 0;
  let wasWhite = true;
  for (let i = 0; i < text.length; i++) {
    const isWhite = isWhiteSpace(text.charCodeAt(i));
    if (wasWhite && !isWhite) count++;
    wasWhite = isWhite;
  }
  return count;
}

/** Unicode's property White_Space, which no character beyond U+FFFF has. */
function isWhiteSpace(code: number): boolean {
  if (code < 0x85) return code === 0x20 || (code >= 0x9 && code <= 0xd);
  if (code < 0x2000) return code === 0x85 || code === 0xa0 || code === 0x1680;
  return code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000;
}
