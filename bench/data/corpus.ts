import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../gpu-worker/data/random.js';
import { root } from '../root.js';

/** Gives a text of so many words: runs of 2 to 5 words, each from another place of real sentences. */
export type WriteText = (random: Random, words: number) => string;

/** There are 1.4 million places: with longer runs most of five million texts would begin alike. */
const shortestRun = 2;
const longestRun = 5;

/** Texts from the sentences of nlp-corpus: English of dialogues, novels, news and reference books. */
export function openCorpus(): WriteText {
  const folder = join(root, 'node_modules/nlp-corpus/builds');
  const sentences = readdirSync(folder)
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as string[]);
  const words = sentences.flatMap((sentence) => sentence.split(/\s+/)).filter((word) => word !== '');
  const all = words.join(' ');
  const begins = new Uint32Array(words.length + 1);
  for (const [i, word] of words.entries()) begins[i + 1] = begins[i]! + word.length + 1;
  return (random, count) => {
    let text = '';
    for (let left = count; left > 0; ) {
      const run = Math.min(left, shortestRun + (random() % (longestRun - shortestRun + 1)));
      const at = random() % (words.length - run);
      if (text !== '') text += ' ';
      text += all.slice(begins[at]!, begins[at + run]! - 1);
      left -= run;
    }
    return text;
  };
}
