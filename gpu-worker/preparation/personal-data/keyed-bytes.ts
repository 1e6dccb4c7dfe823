import { createHmac } from 'node:crypto';

/**
 * Bytes that a seed, a kind and a value determine (HMAC-SHA-256 in counter mode). Who knows the seed can compute those
 * of a guessed value, and telephone numbers are few enough to guess all: masks by it are pseudonyms, not anonymous.
 */
export function keyedBytes(seed: number, ...parts: readonly string[]): () => number {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let next = 0;
  return () => {
    if (next === block.length) {
      block = createHmac('sha256', `attune ${seed}`)
        .update(JSON.stringify([...parts, blocks++]))
        .digest();
      next = 0;
    }
    return block[next++]!;
  };
}
