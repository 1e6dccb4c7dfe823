import { runPattern, runsOf } from '../../../src/protocol/runs-of.js';
import type { Random } from '../../data/random.js';
import { drawBelow, drawOne, drawOrder, shareOf } from './draws.js';
import type { SplitText } from './split-text.js';
import { inPieces } from './text-change.js';

/**
 * What may happen to punctuation: all marks are left out, the last one is, a mark is repeated, one becomes another, or
 * a comma appears between two words. Marks inside of a word (`don't`, `3.50`) are its letters and stay.
 */
export type PunctuationFault = 'removeAll' | 'removeLast' | 'repeat' | 'exchange' | 'insertComma';

export interface PunctuationOptions {
  /** One of these is drawn for a text, among those that change it. */
  readonly faults: readonly PunctuationFault[];
  /** Share of the marks, or of the places for a comma, that `repeat`, `exchange` and `insertComma` change. */
  readonly share: number;
}

/** Changes marks of punctuation. Null if none of the faults can happen to the text. */
export const changePunctuation = inPieces<PunctuationOptions>((split, random, { faults, share }) => {
  for (const index of drawOrder(faults.length, random)) {
    const gaps = withFault(faults[index]!, split, share, random);
    // A text that is nothing but marks would be empty without them.
    const isText = split.words.length > 0 || gaps.some((gap) => gap.trim() !== '');
    if (isText && gaps.some((gap, place) => gap !== split.gaps[place])) return { words: split.words, gaps };
  }
  return null;
});

const mark = /\p{P}/u;
const marks = /\p{P}/gu;
const runOfMarks = runPattern('\\p{P}');

/** Marks that people confuse, or use for one another. */
const exchanges: Readonly<Record<string, readonly string[]>> = {
  '.': ['!', '…', ','],
  '!': ['.', '?'],
  '?': ['.', '!'],
  ',': [';', '.'],
  ';': [',', ':'],
  ':': [';', ','],
};

function withFault(fault: PunctuationFault, { words, gaps }: SplitText, share: number, random: Random): string[] {
  switch (fault) {
    case 'removeAll':
      return gaps.map((gap, index) => withoutMarks(gap, index > 0 && index < words.length));
    case 'removeLast':
      return [...gaps.slice(0, -1), withoutLastMarks(gaps.at(-1)!)];
    case 'repeat':
      return atMarks(gaps, share, random, (each) => each.repeat(2 + drawBelow(2, random)));
    case 'exchange':
      return atMarks(gaps, share, random, (each) => drawOne(exchanges[each] ?? [each], random)!);
    case 'insertComma': {
      const spaces = [...gaps.keys()].filter((index) => index > 0 && index < words.length && gaps[index] === ' ');
      const order = drawOrder(spaces.length, random).slice(0, shareOf(spaces.length, share));
      const chosen = new Set(order.map((index) => spaces[index]));
      return gaps.map((gap, index) => (chosen.has(index) ? `,${gap}` : gap));
    }
    default:
      return fault satisfies never;
  }
}

/** A gap without the last of its runs of marks. */
function withoutLastMarks(gap: string): string {
  const last = [...runsOf(gap, runOfMarks)].at(-1);
  return last === undefined ? gap : gap.slice(0, last.start) + gap.slice(last.end);
}

/** A gap without its marks. Two words that only marks separated get a space, lest they become one. */
function withoutMarks(gap: string, isBetween: boolean): string {
  if (!mark.test(gap)) return gap;
  const left = gap.replace(marks, '');
  return isBetween && left === '' ? ' ' : left;
}

/** Changes a share of the marks `.!?,;:`, but at least one. */
function atMarks(gaps: readonly string[], share: number, random: Random, change: (mark: string) => string): string[] {
  const count = gaps.reduce((sum, gap) => sum + (gap.match(/[.!?,;:]/g)?.length ?? 0), 0);
  if (count === 0) return [...gaps];
  const chosen = new Set(drawOrder(count, random).slice(0, shareOf(count, share)));
  let seen = 0;
  return gaps.map((gap) => gap.replace(/[.!?,;:]/g, (each) => (chosen.has(seen++) ? change(each) : each)));
}
