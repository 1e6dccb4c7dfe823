import type { LengthUnit } from '../protocol/rewards/reward-rule.js';
import type { Completion } from '../protocol/rewards/scored-completion.js';

/** Characters are Unicode's code points. */
export function lengthOf({ text, tokenCount }: Pick<Completion, 'text' | 'tokenCount'>, unit: LengthUnit): number {
  switch (unit) {
    case 'tokens':
      return tokenCount;
    case 'words':
      return wordsOf(text).length;
    case 'characters': {
      let count = 0;
      for (const _ of text) count++;
      return count;
    }
    default:
      return unit satisfies never;
  }
}

/** What stands between white space. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}
