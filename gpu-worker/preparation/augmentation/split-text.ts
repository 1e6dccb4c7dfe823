/** A text as its words and what stands around them: `gaps[0] words[0] gaps[1] … words[n − 1] gaps[n]`. */
export interface SplitText {
  readonly words: readonly string[];
  /** White space and punctuation: one more than there are words, and each may be empty. */
  readonly gaps: readonly string[];
}

/** A letter or digit with its combining marks, or the marks of a script alone; no Chinese character. */
const sign = '(?!\\p{Script=Han})[\\p{L}\\p{N}\\p{M}]';

/**
 * A word is a run of letters, digits and their combining marks, with single apostrophes, hyphens, dots and the like
 * inside: `don't`, `e-mail`, `U.S`, `3.50`, `a_b`. Each Chinese character is a word of its own, as it is where words
 * are tagged. Other scripts without spaces (Thai, Japanese kana) keep their runs whole. This is a regular expression
 * and not `Intl.Segmenter`, whose dictionary differs between versions of Node.
 */
const part = new RegExp(`(\\p{Script=Han})|(?:${sign}){1,1024}`, 'gu');
const joins = new Set("'’.,_@&/-");

export function splitText(text: string): SplitText {
  const words: string[] = [];
  const gaps: string[] = [];
  // Where the word at hand begins and ends, and whether it goes on: runs come in parts (`runsOf`).
  let [start, end, goesOn] = [0, 0, false];
  for (const { 0: found, 1: ideograph, index } of text.matchAll(part)) {
    const isJoined = index === end || (index === end + 1 && joins.has(text[end]!));
    if (ideograph !== undefined || !goesOn || !isJoined) {
      if (end > 0) words.push(text.slice(start, end));
      gaps.push(text.slice(end, index));
      start = index;
    }
    end = index + found.length;
    goesOn = ideograph === undefined;
  }
  if (end > 0) words.push(text.slice(start, end));
  gaps.push(text.slice(end));
  return { words, gaps };
}

export function joinText({ words, gaps }: SplitText): string {
  let text = gaps[0]!;
  for (let index = 0; index < words.length; index++) text += words[index]! + gaps[index + 1]!;
  return text;
}

/** Whether a text is nothing but one word, as `splitText` has them. */
export function isOneWord(text: string): boolean {
  const { words, gaps } = splitText(text);
  return words.length === 1 && gaps[0] === '' && gaps[1] === '';
}
