import { basesOf, type Ending, inflect, takesEnding } from './inflection.js';
import { irregularForms } from './irregular-words.js';
import { startsWithCapital } from './letter-case.js';
import { isOneWord } from './split-text.js';
import { isStopWord } from './stop-words.js';
import type { Sense, WordNet } from './wordnet.js';

/** Synonyms of a word in one of its meanings. */
interface Synonyms {
  /** The probability of the meaning, as far as frequencies tell. */
  readonly weight: number;
  readonly words: readonly string[];
}

export interface ThesaurusOptions {
  /**
   * What share of a word's occurrences a meaning has to have: of the word that is replaced, and of the synonym. With 0,
   * any word of any synset does, as in EDA, and `pay` may become `wage`.
   */
  readonly leastShareOfMeaning: number;
  /** Whether a word may become a phrase (`film` → `motion picture`). */
  readonly phrases: boolean;
}

export interface Thesaurus {
  /** Synonyms of a word as it is written, in small letters where no name is meant; none of stop words. */
  synonymsOf(word: string): readonly Synonyms[];
}

const keptWords = 20_000;

/**
 * Synonyms from WordNet. Nothing reads the sentence, so that a word's meaning is guessed: those count that are likely
 * by the frequencies of the tagged texts, for the word and for its synonym too. So `film` becomes `movie`, and neither
 * does `know` become `cognize` (never seen) nor `cancel` `scratch` (which mostly means something else). Words without
 * one likely meaning (`get`, `work`, `charge`) have no synonyms.
 */
export function createThesaurus(wordNet: WordNet, options: ThesaurusOptions): Thesaurus {
  const kept = new Map<string, readonly Synonyms[]>();
  return {
    synonymsOf(word) {
      const lower = word.toLowerCase();
      if (!/^[a-z][a-z'-]+$/.test(lower) || isStopWord(lower) || irregularForms.has(lower)) return [];
      const isCapital = startsWithCapital(word);
      const key = isCapital ? `^${lower}` : lower;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const synonyms = findSynonyms(lower, isCapital, wordNet, options);
      if (kept.size >= keptWords) kept.clear();
      kept.set(key, synonyms);
      return synonyms;
    },
  };
}

function findSynonyms(lower: string, isCapital: boolean, wordNet: WordNet, options: ThesaurusOptions): Synonyms[] {
  const { base, ending, senses } = readingOf(lower, wordNet);
  const found: Synonyms[] = [];
  for (const { sense, share } of likelySenses(wordNet.sensesOf(base), options.leastShareOfMeaning)) {
    if (!senses.includes(sense) || !hasAsWritten(sense, base, isCapital)) continue;
    const words = sense.words
      .filter((each) => isUsual(each, sense, wordNet, options.leastShareOfMeaning))
      .filter((each) => (options.phrases && ending === null) || isOneWord(each))
      .map((each) => (ending === null ? each : inflect(each, ending, sense.partOfSpeech)))
      .filter((each) => each !== null)
      .filter((each) => each.toLowerCase() !== base && each.toLowerCase() !== lower && !isStopWord(each));
    if (words.length > 0) found.push({ weight: share, words: [...new Set(words)] });
  }
  return found;
}

/** A word as WordNet has it, or a base form of it: whichever is more frequent in the part of speech that it can be. */
function readingOf(lower: string, wordNet: WordNet) {
  let best: { base: string; ending: Ending | null; senses: readonly Sense[] } = {
    base: lower,
    ending: null,
    senses: wordNet.sensesOf(lower),
  };
  for (const { base, ending } of basesOf(lower)) {
    const senses = wordNet.sensesOf(base).filter(({ partOfSpeech }) => takesEnding[ending].includes(partOfSpeech));
    if (senses.length > 0 && weightOf(senses) > weightOf(best.senses)) best = { base, ending, senses };
  }
  return best;
}

/** How often senses occur. One is added to each, as one that was never seen may still occur (Laplace). */
function weightOf(senses: readonly Sense[]): number {
  return senses.reduce((sum, { count }) => sum + count + 1, 0);
}

function likelySenses(senses: readonly Sense[], leastShare: number) {
  const total = weightOf(senses);
  return senses
    .map((sense) => ({ sense, share: weightOf([sense]) / total }))
    .filter(({ share }) => share >= leastShare);
}

/** Whether a synset has the word as the text writes it: `may` in small letters is not the month `May`. */
function hasAsWritten({ words }: Sense, base: string, isCapital: boolean): boolean {
  const own = words.find((each) => each.toLowerCase() === base);
  return own !== undefined && (own === own.toLowerCase() || isCapital);
}

/** Whether a word of a synset is used in this meaning, and mostly so. */
function isUsual(word: string, { synset, count }: Sense, wordNet: WordNet, leastShare: number): boolean {
  if (leastShare === 0) return true;
  const likely = likelySenses(wordNet.sensesOf(word.toLowerCase()), leastShare);
  return likely.some(({ sense }) => sense.synset === synset && (sense.count > 0 || count === 0));
}
