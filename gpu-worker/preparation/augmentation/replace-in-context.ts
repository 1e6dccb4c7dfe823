import { type Random, uniform } from '../../data/random.js';
import type { WordSpan } from '../../data/word-spans.js';
import { exp } from '../../portable-math.js';
import { drawOrder, shareOf } from './draws.js';
import { inCaseOf } from './letter-case.js';
import { isOneWord, joinText, type SplitText, splitText } from './split-text.js';
import { isStopWord } from './stop-words.js';

/** A text with words that a model is to guess: their places, ascending. */
export interface MaskedText {
  readonly text: string;
  readonly masked: readonly WordSpan[];
}

/** What a model expects in the place of a mask. */
export interface Guess {
  readonly word: string;
  readonly logProbability: number;
}

/**
 * The guesses of a masked language model: of each text, for each masked word, the likeliest first; none where the model
 * does not read so far.
 */
export type PredictMasked = (texts: readonly MaskedText[]) => Promise<readonly (readonly (readonly Guess[])[])[]>;

export interface ContextOptions {
  /** Share of the words that are replaced: max(1, share · words). */
  readonly share: number;
  /** Divides log-probabilities before the draw; less than 1 prefers likely words. */
  readonly temperature: number;
}

/**
 * Replaces words by what a masked language model expects in their places (Kobayashi 2018, "Contextual Augmentation"; Wu
 * et al. 2019, "Conditional BERT Contextual Augmentation", without the label). Words with a meaning are drawn, all of a
 * text are masked at once, and of the guesses that are other whole words with a meaning one is drawn by its
 * probability. The model does not know the label: it may write `bad` where `good` was.
 *
 * @returns of each text a changed one, or null where there is no word to replace, or no guess
 */
export async function replaceInContext(
  texts: readonly { readonly text: string; readonly random: Random }[],
  { share, temperature }: ContextOptions,
  predictMasked: PredictMasked,
): Promise<(string | null)[]> {
  const splits = texts.map(({ text }) => splitText(text));
  const chosen = splits.map(({ words }, index) => drawPlaces(words, share, texts[index]!.random));
  const asked = [...texts.keys()].filter((index) => chosen[index]!.length > 0);
  const guesses = await predictMasked(
    asked.map((index) => ({ text: texts[index]!.text, masked: spansOf(splits[index]!, chosen[index]!) })),
  );
  const changed: (string | null)[] = texts.map(() => null);
  for (const [order, index] of asked.entries()) {
    const { words, gaps } = splits[index]!;
    const replaced = [...words];
    for (const [mask, place] of chosen[index]!.entries()) {
      const word = drawGuess(words[place]!, guesses[order]![mask]!, temperature, texts[index]!.random);
      if (word !== null) replaced[place] = word;
    }
    const text = joinText({ words: replaced, gaps });
    if (text !== texts[index]!.text) changed[index] = text;
  }
  return changed;
}

/** Numbers of the drawn words, ascending: of those with letters that are no stop words. */
function drawPlaces(words: readonly string[], share: number, random: Random): number[] {
  const places = [...words.keys()].filter((index) => hasMeaning(words[index]!));
  const order = drawOrder(places.length, random).slice(0, shareOf(words.length, share));
  return order.map((index) => places[index]!).sort((a, b) => a - b);
}

function hasMeaning(word: string): boolean {
  return /^[\p{L}\p{M}'’-]+$/u.test(word) && !isStopWord(word);
}

function spansOf({ words, gaps }: SplitText, places: readonly number[]): WordSpan[] {
  const spans: WordSpan[] = [];
  let start = 0;
  for (const [index, word] of words.entries()) {
    start += gaps[index]!.length;
    if (places.includes(index)) spans.push({ start, end: start + word.length });
    start += word.length;
  }
  return spans;
}

function drawGuess(word: string, guesses: readonly Guess[], temperature: number, random: Random): string | null {
  const own = word.toLowerCase();
  const others = guesses.filter((each) => {
    return isOneWord(each.word) && hasMeaning(each.word) && each.word.toLowerCase() !== own;
  });
  const highest = others[0]?.logProbability ?? 0;
  const weights = others.map(({ logProbability }) => exp((logProbability - highest) / temperature));
  let left = uniform(random) * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return inCaseOf(word, others[index]!.word);
  }
  return null;
}
