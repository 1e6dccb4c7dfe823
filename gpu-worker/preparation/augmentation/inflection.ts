import { irregularNouns, irregularVerbs } from './irregular-words.js';

/** The endings of regular English inflection that a word can pass on to its synonym. */
export type Ending = 's' | 'ed' | 'ing';
export type PartOfSpeech = 'noun' | 'verb' | 'adjective' | 'adverb';

/** A word as its base form and the ending that was taken off. */
export interface Inflected {
  readonly base: string;
  readonly ending: Ending;
}

/** Which parts of speech take an ending. */
export const takesEnding: Readonly<Record<Ending, readonly PartOfSpeech[]>> = {
  s: ['noun', 'verb'],
  ed: ['verb'],
  ing: ['verb'],
};

/**
 * The rules of detachment of WordNet's `morphy(7WN)`, with doubled consonants. Comparatives and superlatives are left
 * out, since `more` would have to be taken off or put before the synonym. The rules find more than there is (`bus` →
 * `bu`): whoever asks looks the bases up.
 */
const detachments: readonly (readonly [suffix: string, replacement: string, ending: Ending])[] = [
  ['ies', 'y', 's'],
  ['sses', 'ss', 's'],
  ['xes', 'x', 's'],
  ['zes', 'z', 's'],
  ['ches', 'ch', 's'],
  ['shes', 'sh', 's'],
  ['oes', 'o', 's'],
  ['s', '', 's'],
  ['ied', 'y', 'ed'],
  ['ed', 'e', 'ed'],
  ['ed', '', 'ed'],
  ['ing', 'e', 'ing'],
  ['ing', '', 'ing'],
];

/** The base forms that a word in small letters may have, if it is inflected by the rules: `stopped` → `stop`. */
export function basesOf(word: string): Inflected[] {
  const found: Inflected[] = [];
  for (const [suffix, replacement, ending] of detachments) {
    if (!word.endsWith(suffix) || word.length - suffix.length < 2) continue;
    const stem = word.slice(0, -suffix.length);
    if (suffix === 's' && stem.endsWith('s')) continue;
    found.push({ base: stem + replacement, ending });
    if (ending !== 's' && /([bdgklmnprtvz])\1$/.test(stem)) found.push({ base: stem.slice(0, -1), ending });
  }
  return found;
}

/**
 * Puts a regular ending to a base form; null where the form is irregular (`go` has no `goed`), or where spelling
 * depends on the stress, which the letters do not tell (`visited`, but `preferred`).
 */
export function inflect(base: string, ending: Ending, partOfSpeech: PartOfSpeech): string | null {
  if (!/^[a-z]+$/.test(base)) return null;
  if (ending === 's') return withS(base, partOfSpeech);
  if (ending === 'ed' && irregularVerbs.has(base.replace(prefix, ''))) return null;
  if (/[^aeiou]y$/.test(base)) return ending === 'ed' ? `${base.slice(0, -1)}ied` : `${base}ing`;
  if (base.endsWith('ie')) return ending === 'ed' ? `${base}d` : `${base.slice(0, -2)}ying`;
  if (/(?:ee|oe|ye)$/.test(base)) return ending === 'ed' ? `${base}d` : `${base}ing`;
  if (base.endsWith('e')) return ending === 'ed' ? `${base}d` : `${base.slice(0, -1)}ing`;
  if (base.endsWith('c')) return `${base}k${ending}`;
  if (!/(?:^|[^aeiou]|qu)[aeiou][bdgklmnprtvz]$/.test(base)) return base + ending;
  const syllables = base.replace(/qu/g, 'q').match(/[aeiouy]+/g)?.length ?? 0;
  return syllables === 1 ? `${base}${base.at(-1)}${ending}` : null;
}

/** What may stand before an irregular verb without making it regular: `overcome`, `mistake`, `withdraw`. */
const prefix = /^(?:over|under|out|mis|with|fore|un|up|re|be|for)(?=[a-z]{3})/;

function withS(base: string, partOfSpeech: PartOfSpeech): string | null {
  if (partOfSpeech === 'noun' && isIrregularNoun(base)) return null;
  if (partOfSpeech === 'verb' && ['be', 'have', 'do', 'go'].includes(base)) return null;
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/.test(base)) return /[^sz][sz]$/.test(base) && !base.endsWith('ss') ? null : `${base}es`;
  if (base.endsWith('o')) return null;
  return `${base}s`;
}

/** Nouns with a plural of their own, and endings that may have one: `knife`, `crisis`, `datum`, `postman`. */
function isIrregularNoun(base: string): boolean {
  return irregularNouns.has(base) || /(?:fe|lf|af|is|us|um|on|ix|ex|man|craft|fish|ics)$/.test(base);
}
