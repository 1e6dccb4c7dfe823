import { describe, expect, test } from 'vitest';
import { likelyTargets, maskRows, measuredEpoch } from '../../../gpu-worker/data/mask-rows.js';
import type { MaskableTexts } from '../../../gpu-worker/data/masked-documents.js';

const maskId = 1;
const vocabularySize = 1000;

/** Rows of a special token, words of `lengths` tokens that are all 500, and a special token. */
function texts(rows: number, lengths: readonly number[]): MaskableTexts {
  const words = [-1, ...lengths.flatMap((length, word) => Array.from({ length }, () => word)), -1];
  return {
    ids: Int32Array.from({ length: rows * words.length }, (_, i) => (words[i % words.length] === -1 ? 2 : 500)),
    words: Int32Array.from({ length: rows * words.length }, (_, i) => words[i % words.length]!),
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * words.length),
    maskId,
    vocabularySize,
  };
}

const single = { share: 0.15, wholeWords: false };
const ones = Array.from({ length: 100 }, () => 1);

/** Whether a count of n draws of probability p is within four standard deviations of n·p. */
function expectShare(count: number, n: number, p: number): void {
  expect(Math.abs(count - n * p)).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
}

describe('of the drawn tokens', () => {
  const { ids, labels, isTarget, targetCounts } = maskRows(texts(1000, ones), single, { seed: 3, epoch: 0 });
  const drawn = [...ids.keys()].filter((token) => isTarget[token] === 1);

  test('there are as many as the share, special tokens never', () => {
    expectShare(drawn.length, 100_000, 0.15);
    expect(drawn.every((token) => labels![token] === 500)).toBe(true);
    expect(targetCounts.reduce((sum, count) => sum + count, 0)).toBe(drawn.length);
  });

  test('80 % are masked, 10 % another token of the vocabulary, and 10 % stay', () => {
    const masked = drawn.filter((token) => ids[token] === maskId).length;
    const kept = drawn.filter((token) => ids[token] === 500).length;
    // A random token is the mask, or the same, in one of 1000 cases each.
    expectShare(masked, drawn.length, 0.8 + 0.1 / 1000);
    expectShare(kept, drawn.length, 0.1 + 0.1 / 1000);
    const others = drawn.map((token) => ids[token]!).filter((id) => id !== maskId && id !== 500);
    expectShare(others.filter((id) => id < 500).length, others.length, 0.5);
    expect(Math.max(...others)).toBeGreaterThan(950);
    expect(Math.max(...others)).toBeLessThan(1000);
  });

  test('all others are read as they are', () => {
    const changed = [...ids.keys()].filter((token) => isTarget[token] === 0 && ids[token] !== labels![token]);
    expect(changed).toEqual([]);
  });
});

describe('the draw', () => {
  test('is a function of seed, epoch and row', () => {
    const given = texts(20, ones);
    const draw = (seed: number, epoch: number) => maskRows(given, single, { seed, epoch });
    expect(draw(1, 0)).toEqual(draw(1, 0));
    for (const other of [draw(1, 1), draw(2, 0), draw(1, measuredEpoch)]) {
      expect(other.isTarget).not.toEqual(draw(1, 0).isTarget);
    }
    // The first rows of more are those of fewer.
    const fewer = maskRows(texts(3, ones), single, { seed: 1, epoch: 0 });
    expect(draw(1, 0).ids.slice(0, fewer.ids.length)).toEqual(fewer.ids);
  });

  test('is of whole words where they are asked for: all tokens of a word, or none', () => {
    const lengths = Array.from({ length: 40 }, (_, word) => 1 + (word % 3));
    const given = texts(500, lengths);
    const { isTarget } = maskRows(given, { share: 0.3, wholeWords: true }, { seed: 5, epoch: 0 });
    let [words, drawn] = [0, 0];
    for (let token = 0; token < isTarget.length; token++) {
      if (given.words[token] === -1) continue;
      if (given.words[token] === given.words[token - 1]) expect(isTarget[token]).toBe(isTarget[token - 1]);
      else {
        words += 1;
        drawn += isTarget[token]!;
      }
    }
    expect(words).toBe(500 * 40);
    expectShare(drawn, words, 0.3);
    // Single tokens of the same words are drawn one by one.
    const { isTarget: one } = maskRows(given, { share: 0.3, wholeWords: false }, { seed: 5, epoch: 0 });
    const parted = [...one.keys()].some(
      (token) =>
        given.words[token] !== -1 && given.words[token] === given.words[token - 1] && one[token] !== one[token - 1],
    );
    expect(parted).toBe(true);
  });
});

test('the likely number of targets is seldom exceeded, and never more than the tokens', () => {
  const given = texts(1000, ones);
  const likely = likelyTargets(given, single);
  // 102 tokens: 15.3 + 4 · 3.6.
  expect(likely[0]).toBe(30);
  const { targetCounts } = maskRows(given, single, { seed: 9, epoch: 0 });
  expect([...targetCounts.keys()].filter((row) => targetCounts[row]! > likely[row]!).length).toBeLessThan(3);
  expect(likelyTargets(texts(1, [1]), { share: 0.9, wholeWords: false })[0]).toBe(3);
});
