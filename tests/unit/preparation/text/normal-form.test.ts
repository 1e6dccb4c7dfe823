import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalForm } from '../../../../gpu-worker/preparation/text/normal-form.js';

const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;

/** Marks of eleven classes, some that decompose, some of class 0, and two that are marks in NFKC and NFKD alone. */
const marks = [
  ...['\u0301', '\u0327', '\u0334', '\u0345', '\u0323', '\u031b', '\u035c', '\u0360', '\u05b0', '\u3099', '\u{1d165}'],
  ...['\u0344', '\u0f73', '\u0f71', '\u034f', '\u0903', '\u20dd', '\uff9e', '\uff9f', '\u{1d1bf}'],
];

describe('normalForm', () => {
  test('is what Node gives, also for runs of marks', () => {
    const run = fc.array(fc.constantFrom(...marks), { minLength: 0, maxLength: 300 }).map((each) => each.join(''));
    const text = fc.array(fc.tuple(fc.constantFrom('a', 'é', 'ü', 'が', 'ﬁ', ' ', ''), run), { maxLength: 4 });
    fc.assert(
      fc.property(text, fc.constantFrom(...forms), (parts, form) => {
        const written = parts.flat().join('');
        expect(normalForm(written, form)).toBe(written.normalize(form));
      }),
      { numRuns: 1000, seed: 19 },
    );
  });

  test('takes time linear in the number of marks', () => {
    // Inserting each takes minutes for these.
    const [count, before] = [2 ** 18, process.cpuUsage()];
    for (const form of forms) {
      const sorted = `a${'\u0327'.repeat(count)}${'\u0301'.repeat(count)}`;
      // NFC and NFKC compose the first acute accent with the letter: á.
      const expected = form.endsWith('C') ? `á${sorted.slice(1, -1)}` : sorted;
      expect(normalForm(`a${'\u0301\u0327'.repeat(count)}`, form) === expected).toBe(true);
    }
    // So many overflow the stack of a pattern such as /\p{M}+/u.
    expect(normalForm('\u0301'.repeat(2 ** 23), 'NFC')).toHaveLength(2 ** 23);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(30);
  });
});
