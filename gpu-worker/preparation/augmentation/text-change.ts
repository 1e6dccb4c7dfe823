import type { Random } from '../../data/random.js';
import { joinText, type SplitText, splitText } from './split-text.js';

/**
 * A seeded change of a text: it draws from `random` alone, and gives null where it can change nothing. What it does not
 * change stays as it is, to the last space.
 */
export type TextChange<Options> = (text: string, random: Random, options: Options) => string | null;

/** The same of a text's words, each of which stays or is replaced: whatever is said of a word goes on to be of it. */
export type WordChange<Options> = (words: readonly string[], random: Random, options: Options) => string[] | null;

/** A change of a text that changes words in their places. */
export function inPlace<Options>(change: WordChange<Options>): TextChange<Options> {
  return (text, random, options) => {
    const { words, gaps } = splitText(text);
    const changed = change(words, random, options);
    return changed === null ? null : joinText({ words: changed, gaps });
  };
}

/** A change of a text that changes how many words there are, or what stands between them. */
export function inPieces<Options>(
  change: (split: SplitText, random: Random, options: Options) => SplitText | null,
): TextChange<Options> {
  return (text, random, options) => {
    const changed = change(splitText(text), random, options);
    return changed === null ? null : joinText(changed);
  };
}
