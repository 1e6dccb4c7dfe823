import { createCleaning } from './clean-letters.js';
import { createKnownGroups, withRoom } from './known-groups.js';
import { createKnownWords, hashOf } from './known-words.js';
import { readLanguageFrequencies } from './language-frequencies.js';

/** Which language a text is most likely in, and by how far its score, from 0 to 1, lies above the second best. */
export interface BestLanguage {
  /** ISO 639-1 code; null where there is nothing to tell it by. */
  readonly language: string | null;
  readonly margin: number;
}

/** ELD's limits: it reads so many characters, and of them no word after so many bytes, nor more bytes at all. */
const mostCharacters = 1000;
const mostBytesBetweenWords = 350;
const mostBytes = 380;
/** Letters of a word whose groups are read. */
const mostLetters = 70;
/** What a score of 0.5 is, for each group. */
const scale = 25;
/** Words whose groups are remembered; a text adds fewer than it has bytes. */
const mostWords = 50_000;

const space = 0x20;

const database = await readLanguageFrequencies();
const { languages, dictionary, separators } = database;
const clean = createCleaning(separators);

/** The groups of words that were read. */
let words = createKnownWords(mostWords + mostBytes);
let groups = createKnownGroups(database);
/** For each group, the last text that had it. */
let seen = new Uint32Array(4096);
let text = 0;
/** Groups of the text that is read. */
let count = 0;
const scores = new Float64Array(languages.length);
/** The letters of the text: no byte after `mostBytes` is read. */
const letters = new Uint16Array(mostBytes + 1);

/**
 * Exactly what ELD says (eld 2.1.0, `detect`), in a fraction of its time: the scores of the groups are added in arrays,
 * and words that were read before are not divided into groups again.
 */
export function scoreLanguages(original: string): BestLanguage {
  if (words.count > mostWords) forget();
  text++;
  count = 0;
  scores.fill(0);
  addWords(clean(original.length > mostCharacters ? original.slice(0, mostCharacters) : original, letters));
  return best();
}

function best(): BestLanguage {
  let first = -1;
  let [most, second] = [0, 0];
  for (let language = 0; language < scores.length; language++) {
    const score = scores[language]!;
    if (score > most) {
      second = most;
      most = score;
      first = language;
    } else if (score > second) second = score;
  }
  if (first === -1) return { language: null, margin: 0 };
  return { language: languages[first]!, margin: scaled(most / count) - scaled(second / count) };
}

function scaled(score: number): number {
  return score / (score + scale);
}

/** Adds the scores of the words of the text. ELD counts its bytes in UTF-8. */
function addWords(length: number): void {
  let begin = 0;
  let bytes = 0;
  let hash = 0;
  let i = 0;
  for (; i < length && bytes <= mostBytes; i++) {
    const letter = letters[i]!;
    if (letter === space) {
      if (i > begin) addWord(begin, i, hash);
      begin = i + 1;
      hash = 0;
      if (bytes > mostBytesBetweenWords) return;
      bytes++;
    } else {
      hash = hashOf(hash, letter);
      bytes += letter < 0x80 ? 1 : letter < 0x800 ? 2 : 3;
    }
  }
  if (i > begin) addWord(begin, i, hash);
}

function addWord(begin: number, end: number, hash: number): void {
  let word = words.find(letters, begin, end, hash);
  if (word === -1) word = words.add(letters, begin, end, hash, groupsOf(inBytes(begin, end)));
  const pool = words.pool();
  const begins = groups.begins();
  const entries = groups.entries();
  const last = word + pool[word]!;
  for (let i = word + 1; i <= last; i++) {
    const group = pool[i]!;
    if (seen[group] === text) continue;
    seen[group] = text;
    count++;
    const end = begins[group + 1]!;
    for (let at = begins[group]!; at < end; at++) {
      const entry = entries[at]!;
      const language = entry & 0xff;
      scores[language] = scores[language]! + (entry >>> 8);
    }
  }
}

/** A word with a letter for each byte of UTF-8. */
function inBytes(begin: number, end: number): string {
  let word = '';
  for (let i = begin; i < end; i++) {
    const letter = letters[i]!;
    word += letter < 0x80 ? String.fromCharCode(letter) : bytesOf(letter);
  }
  return word;
}

function bytesOf(letter: number): string {
  const last = dictionary[0x80 | (letter & 0x3f)]!;
  if (letter < 0x800) return dictionary[0xc0 | (letter >> 6)]! + last;
  return dictionary[0xe0 | (letter >> 12)]! + dictionary[0x80 | ((letter >> 6) & 0x3f)]! + last;
}

/** The groups of four letters of a word, each three letters after the one before; the ends of a word have a space. */
function groupsOf(word: string): number[] {
  const found: number[] = [];
  const length = Math.min(word.length, mostLetters);
  let at = 0;
  for (; at + 4 < length; at += 3) found.push(groups.numberOf((at === 0 ? ' ' : '') + word.slice(at, at + 4)));
  const last = word.slice(length === 3 ? 0 : Math.max(0, length - 4));
  found.push(groups.numberOf(`${at === 0 ? ' ' : ''}${last} `));
  seen = withRoom(seen, groups.count);
  return found;
}

function forget(): void {
  words = createKnownWords(mostWords + mostBytes);
  groups = createKnownGroups(database);
  seen.fill(0);
}
