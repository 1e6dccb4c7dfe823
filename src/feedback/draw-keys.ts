import { createHmac } from 'node:crypto';
import type { FeedbackItemContent, FeedbackValue } from '../protocol/feedback.js';
import { createRandom, shuffle } from '../statistics/random.js';

/** The letter of an answer's place. */
export function keyOfPlace(place: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + (place % 26));
}

/**
 * Deals the letters of the places of answers that came without a key among these answers, in an order that is drawn
 * from the task's key and seed and the item's texts, every order being equally likely. People see keys: a client that
 * always names the answer of one model first would tell them which one it is. Known answers that name a letter follow
 * it.
 *
 * @param unnamed places of the answers that came without a key, and have the letters of their places
 */
export function drawKeys<Item extends { readonly content: FeedbackItemContent; readonly gold: FeedbackValue | null }>(
  item: Item,
  unnamed: readonly number[],
  of: { readonly key: Buffer; readonly seed: number },
): Item {
  const { prompt, answers } = item.content;
  const texts = JSON.stringify([prompt, answers.map(({ text }) => text)]);
  const digest = createHmac('sha256', of.key).update(`keys:${of.seed}:${texts}`).digest('hex');
  const words = [0, 8, 16, 24].map((start) => Number.parseInt(digest.slice(start, start + 8), 16));
  const drawn = shuffle(Int32Array.from(unnamed), createRandom(...words));
  const keys = new Map(unnamed.map((place, i) => [keyOfPlace(place), keyOfPlace(drawn[i]!)]));
  const keyOf = (key: string): string => keys.get(key) ?? key;
  const content = { ...item.content, answers: answers.map((answer) => ({ ...answer, key: keyOf(answer.key) })) };
  return { ...item, content, gold: item.gold === null ? null : withKeys(item.gold, keyOf) };
}

function withKeys(value: FeedbackValue, keyOf: (key: string) => string): FeedbackValue {
  if (value.kind === 'ranking') return { ...value, ranks: value.ranks.map((tied) => tied.map(keyOf)) };
  if (value.kind !== 'pairwise' || value.preferred === null) return value;
  return { ...value, preferred: keyOf(value.preferred) };
}
