const word = /[^\p{White_Space}]+/gu;

/**
 * How many words stand between white space. Scripts without spaces, such as Chinese and Thai, have few “words” by this;
 * a segmenter would know them, but takes tens of times as long, and gives other counts with other versions of Node.
 */
export function countWords(text: string): number {
  word.lastIndex = 0;
  let count = 0;
  while (word.test(text)) count += 1;
  return count;
}
