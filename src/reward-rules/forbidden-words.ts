const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;

/**
 * Tells whether one of the words stands in a text by itself: no letter, digit or mark stands before or after it.
 * Between ideographs there is no such end, so that a word of those is found nowhere but by itself.
 */
export function openForbiddenWords(
  words: readonly string[],
  ignoreCase: boolean,
): (text: string, more: readonly string[]) => boolean {
  const fold = (text: string) => (ignoreCase ? text.normalize('NFC').toLowerCase() : text.normalize('NFC'));
  const known = words.map((word) => fold(word.trim()));
  return (text, more) => {
    const read = fold(text);
    return [...known, ...more.map((word) => fold(word.trim()))].some((word) => word !== '' && standsIn(read, word));
  };
}

function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!joins(lastOf(text.slice(Math.max(0, at - 2), at)), firstOf(word))) {
      const end = at + word.length;
      if (!joins(lastOf(word), firstOf(text.slice(end, end + 2)))) return true;
    }
  }
  return false;
}

/** Whether two characters beside one another are of one word. */
function joins(before: string, after: string): boolean {
  return wordCharacter.test(before) && wordCharacter.test(after);
}

function firstOf(text: string): string {
  return [...text][0] ?? '';
}

function lastOf(text: string): string {
  return [...text].at(-1) ?? '';
}
