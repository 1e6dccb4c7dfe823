import { runPattern, runsOf } from '../../../src/protocol/runs-of.js';
import type { FrozenEncoder } from './frozen-features.js';

const word = runPattern('[\\p{L}\\p{M}\\p{N}]');

/**
 * Vectors of texts that no model has to make: how often words occur, whose dimensions their hashes choose (Weinberger
 * et al. 2009, “Feature Hashing for Large Scale Multitask Learning”). Counts are rooted, and vectors have the length 1.
 * It knows topics by their words, and nothing of what words mean.
 */
export function createHashedWords(dimensions: number): FrozenEncoder {
  return {
    dimensions,
    encode: async (texts) => {
      const vectors = new Float32Array(texts.length * dimensions);
      for (const [i, { text, pair }] of texts.entries()) {
        const vector = vectors.subarray(i * dimensions, (i + 1) * dimensions);
        const lower = `${text} ${pair ?? ''}`.toLowerCase();
        for (const { start, end } of runsOf(lower, word)) {
          const hash = hashOf(lower.slice(start, end));
          // The sign makes words that share a dimension cancel out, rather than add up.
          vector[(hash >>> 1) % dimensions]! += hash & 1 ? 1 : -1;
        }
        let squares = 0;
        for (let d = 0; d < dimensions; d++) {
          squares += Math.abs(vector[d]!);
          vector[d] = Math.sign(vector[d]!) * Math.sqrt(Math.abs(vector[d]!));
        }
        if (squares > 0) for (let d = 0; d < dimensions; d++) vector[d]! /= Math.sqrt(squares);
      }
      return vectors;
    },
  };
}

/** FNV-1a over UTF-16 code units, with MurmurHash3's finalizer. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
