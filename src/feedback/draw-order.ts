import { createHmac } from 'node:crypto';
import { createRandom, shuffle } from '../statistics/random.js';

/**
 * The order in which a person sees an item's answers: drawn from the task's key and seed, the item and the person
 * alone, every order being equally likely. Without the key nobody can tell by an order whose it is. A repetition of an
 * item with two answers has them on the other sides than before.
 */
export function drawOrder(
  keys: readonly string[],
  of: {
    readonly key: Buffer;
    readonly seed: number;
    readonly itemId: string;
    readonly userId: string;
    readonly repetition: number;
  },
): string[] {
  const swapped = keys.length === 2 ? of.repetition % 2 === 1 : false;
  const round = keys.length === 2 ? 0 : of.repetition;
  const drawn = `order:${of.seed}:${of.itemId}:${of.userId}:${round}`;
  const digest = createHmac('sha256', of.key).update(drawn).digest('hex');
  const words = [0, 8, 16, 24].map((start) => Number.parseInt(digest.slice(start, start + 8), 16));
  const places = shuffle(
    Int32Array.from(keys, (_, place) => place),
    createRandom(...words),
  );
  const order = Array.from(places, (place) => keys[place]!);
  return swapped ? order.reverse() : order;
}
