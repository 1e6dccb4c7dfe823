import { readFileSync } from 'node:fs';
import { readGlosses } from '../../../../../src/demo/wordnet-glosses.js';
import { below, type Random } from '../../personal-data/draw.js';

/** Topics of which WordNet has a thousand glosses and more. */
export const topics = ['noun.body', 'noun.food', 'noun.communication', 'noun.event'] as const;
export type Topic = (typeof topics)[number];

const glosses = await readGlosses();

/** Glosses of the topics, each once, in a random order: `next` gives those that nobody had before. */
export function openGlosses(random: Random): { next(topic: Topic, count: number): string } {
  const left = new Map(
    topics.map((topic) => {
      const texts = glosses.filter(({ supersense }) => supersense === topic).map(({ text }) => text);
      return [topic, shuffled(random, [...new Set(texts)])];
    }),
  );
  return {
    next(topic, count) {
      const taken = left.get(topic)!.splice(0, count);
      if (taken.length < count) throw new Error(`There are no more glosses of ${topic}.`);
      return taken.join('; ');
    },
  };
}

/** Sentences of dialogues, novels and news that npm's nlp-corpus has, of 20 to 200 characters. */
export function readSentences(random: Random): string[] {
  const folder = new URL('../../../../../node_modules/nlp-corpus/builds/', import.meta.url);
  const read = (n: number) => JSON.parse(readFileSync(new URL(`doc-${n}.json`, folder), 'utf8')) as string[];
  // Two of them have lost characters, as reports find.
  const sentences = [0, 1, 2].flatMap(read).filter((sentence) => !sentence.includes('\ufffd'));
  return shuffled(random, [...new Set(sentences.filter(({ length }) => length >= 20 && length <= 200))]);
}

const readReference = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../text/reference/${name}`, import.meta.url), 'utf8')) as unknown;

/** Sentences with accents, quotes and dashes by language (ISO 639); `symbols` has none. */
export const sentencesOf = readReference('clean-sentences.json') as Readonly<Record<string, readonly string[]>>;

/** The same sentences and others, read in a wrong encoding of ten, once or several times. */
export const garbledTexts = (readReference('mojibake.reference.json') as { text: string; repaired: string }[])
  .filter(({ text, repaired }) => text !== repaired)
  .map(({ text }) => text);

export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = below(random, last + 1);
    [order[last], order[chosen]] = [order[chosen]!, order[last]!];
  }
  return order;
}
