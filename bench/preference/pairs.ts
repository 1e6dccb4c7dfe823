import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { createRandom, shuffle, uniform } from '../../gpu-worker/data/random.js';
import { special } from '../language/prepare-model.js';
import { toyWords } from '../train/toy.js';
import type { Pair } from './settings.js';
import type { DpoWork, RewardWork } from './works.js';

const Line = z.object({ chosen: z.string(), rejected: z.string() });

/** What is learned from, and what is measured on. */
export interface DividedPairs {
  readonly train: readonly Pair[];
  readonly heldOut: readonly Pair[];
}

/**
 * Reads a file of JSON lines with `chosen` and `rejected`, compressed or not. All pairs about one prompt (a dialogue
 * but for its last answer) are on one side.
 * @throws Error where there are too few
 */
export function readPairs(path: string, { pairs: { train, heldOut } }: RewardWork): DividedPairs {
  if (!existsSync(path)) throw new Error(`ATTUNE_BENCH_PAIRS: there is no ${path}.`);
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const ofPrompt = new Map<string, Pair[]>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const { chosen, rejected } = Line.parse(JSON.parse(line));
    const pair = { chosen: chosen.trim(), rejected: rejected.trim() };
    if (pair.chosen === pair.rejected) continue;
    const prompt = pair.chosen.slice(0, pair.chosen.lastIndexOf('\n\nAssistant:'));
    ofPrompt.set(prompt, [...(ofPrompt.get(prompt) ?? []), pair]);
  }
  const groups = [...ofPrompt.values()];
  const drawn = Array.from(shuffle(Int32Array.from(groups.keys()), createRandom(11)), (i) => groups[i]!);
  const [held, learned]: [Pair[], Pair[]] = [[], []];
  for (const group of drawn) (held.length < heldOut ? held : learned).push(...group);
  if (learned.length < train) throw new Error(`${path} has ${learned.length + held.length} pairs, too few.`);
  return { train: learned.slice(0, train), heldOut: held };
}

/** Pairs for the toy: the better text begins with one word, the other with another one, and both go on alike. */
export function toyPairs({ pairs }: RewardWork): DividedPairs {
  const random = createRandom(3);
  const [good, bad, ...others] = toyWords;
  const pair = (): Pair => {
    const words = Array.from({ length: 5 }, () => others[Math.floor(uniform(random) * others.length)]).join(' ');
    return { chosen: `${good} ${words}`, rejected: `${bad} ${words}` };
  };
  const draw = (count: number) => Array.from({ length: count }, pair);
  return { train: draw(pairs.train), heldOut: draw(pairs.heldOut) };
}

/** Pairs of random words, each a token; with the token that ends it an answer has the wanted length. */
export function drawPairs({ model, tokens }: DpoWork, count: number): Pair[] {
  const random = createRandom(7);
  const words = model.vocabularySize - special.length;
  const draw = (length: number) => Array.from({ length }, () => `w${Math.floor(uniform(random) * words)}`).join(' ');
  return Array.from({ length: count }, () => ({
    prompt: draw(tokens.prompt),
    chosen: ` ${draw(tokens.answer - 1)}`,
    rejected: ` ${draw(tokens.answer - 1)}`,
  }));
}
