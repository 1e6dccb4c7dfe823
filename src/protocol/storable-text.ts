/**
 * A text as PostgreSQL can store it: it has no place for a NUL, which becomes ␀, nor for half a surrogate pair, which
 * becomes the replacement character U+FFFD. Names in users' files have both.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '␀').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
