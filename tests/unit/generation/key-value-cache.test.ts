import { describe, expect, it } from 'vitest';
import { keptNames } from '../../../gpu-worker/architectures/cached-decoder.js';
import { createKeyValueCache, type KeyValueCache } from '../../../gpu-worker/generation/key-value-cache.js';

const sizes = { layers: 2, heads: 2, headSize: 3 };
const { layers, heads: K, headSize: D } = sizes;

/** A number of its own for each place of a text's token. */
const numberOf = (layer: number, text: number, token: number, head: number, d: number) =>
  10_000 * layer + 1_000 * text + 10 * token + 5 * head + d;

/** What the graph gives for new tokens of texts, [B,K,T,D]; values are keys below 0, and padding is NaN. */
function newTokens(texts: readonly number[], firsts: readonly number[], counts: readonly number[]) {
  const T = Math.max(...counts);
  const outputs: Record<string, Float32Array> = {};
  for (let layer = 0; layer < layers; layer++) {
    const keys = new Float32Array(texts.length * K * T * D).fill(Number.NaN);
    for (const [row, text] of texts.entries())
      for (let head = 0; head < K; head++)
        for (let t = 0; t < counts[row]!; t++)
          for (let d = 0; d < D; d++)
            keys[((row * K + head) * T + t) * D + d] = numberOf(layer, text, firsts[row]! + t, head, d);
    outputs[keptNames.keys(layer)] = keys;
    outputs[keptNames.values(layer)] = keys.map((key) => -key);
  }
  return outputs;
}

function expectTexts(cache: KeyValueCache, texts: readonly number[]) {
  const feeds = cache.feeds(texts.length);
  for (let layer = 0; layer < layers; layer++) {
    const keys = feeds[keptNames.pastKeys(layer)] as Float32Array;
    const values = feeds[keptNames.pastValues(layer)] as Float32Array;
    expect(keys.length).toBe(texts.length * K * cache.slots * D);
    for (const [row, text] of texts.entries())
      for (let head = 0; head < K; head++)
        for (let t = 0; t < cache.lengths[row]!; t++)
          for (let d = 0; d < D; d++) {
            const at = ((row * K + head) * cache.slots + t) * D + d;
            expect([keys[at], values[at]]).toEqual([1, -1].map((sign) => sign * numberOf(layer, text, t, head, d)));
          }
  }
}

function filled(): KeyValueCache {
  const cache = createKeyValueCache(sizes, 100, 8);
  cache.reserve(3, 5);
  for (let row = 0; row < 3; row++) cache.addRow();
  cache.append(newTokens([1, 2, 3], [0, 0, 0], [4, 1, 3]), [4, 1, 3]);
  return cache;
}

describe('keys and values', () => {
  it('of texts of several lengths are written where their texts end, in arrays that are fed as they are', () => {
    const cache = filled();
    const before = cache.feeds(3);
    cache.append(newTokens([1, 2, 3], [4, 1, 3], [1, 1, 1]), [1, 1, 1]);
    expect(cache.lengths).toEqual([5, 2, 4]);
    expectTexts(cache, [1, 2, 3]);
    // Nothing was copied: feeds are views of the same memory, also those that were made before.
    const after = cache.feeds(2);
    for (const [name, view] of Object.entries(after)) {
      expect(view.buffer).toBe(before[name]!.buffer);
      expect(before[name]!.subarray(0, view.length)).toEqual(view);
    }
    expect(after[keptNames.pastKeys(1)]!.buffer).toBe(cache.layer(1).keys.buffer);
  });

  it('stay when there is place for more of them', () => {
    const cache = filled();
    cache.reserve(5, 20);
    expect(cache.slots).toBe(24);
    expectTexts(cache, [1, 2, 3]);
    cache.reserve(5, 99);
    expect(cache.slots).toBe(100);
    expectTexts(cache, [1, 2, 3]);
    expect(cache.bytes).toBe(5 * 100 * 2 * layers * K * D * 4);
  });

  it('of the last text take the place of one that leaves, and are copied between caches', () => {
    const cache = filled();
    cache.removeRow(0);
    expect(cache.lengths).toEqual([3, 1]);
    expectTexts(cache, [3, 2]);
    const other = createKeyValueCache(sizes, 100, 16);
    other.copyRow(cache, 1);
    other.copyRow(cache, 0);
    expect(other.lengths).toEqual([1, 3]);
    expectTexts(other, [2, 3]);
  });
});
