import { expect, test } from 'vitest';
import { containsWord, costOf, judgeDefinitions, wordCount, wordOf } from '../../../src/demo/definition-judge.js';
import type { ScriptedAnnotator } from '../../../src/demo/scripted-annotators.js';

test('a definition costs its words, and far more where it has too few or names what it defines', () => {
  expect(wordCount('a small, well-known stone')).toBe(4);
  expect(costOf('pebble', 'a small round stone')).toBe(4);
  expect(costOf('pebble', 'a stone')).toBe(10_000);
  expect(costOf('pebble', 'a very small pebble')).toBe(1_004);
});

test('the word is found as a whole, with -s, in any case, and of several words all in a row', () => {
  expect(containsWord('cat', 'one of the Cats')).toBe(true);
  expect(containsWord('cat', 'a category of things')).toBe(false);
  expect(containsWord('ice cream', 'a cone for ice creams')).toBe(true);
  expect(containsWord('ice cream', 'cream with ice in it')).toBe(false);
  expect(wordOf('ice cream, vanilla, noun:')).toBe('ice cream, vanilla');
});

const judge = (errorRate: number, drawn: number) => ({ errorRate, draw: () => drawn }) as unknown as ScriptedAnnotator;
const item = (...texts: readonly string[]) => ({
  text: null,
  prompt: { text: 'pebble, noun:' },
  answers: texts.map((text, i) => ({ key: `k${i}`, text })),
});

test('the shorter definition is preferred on either side, but for errors, and equal ones are equally good', () => {
  const [short, long] = ['a small round stone', 'a stone that is both small and round'];
  expect(judgeDefinitions(judge(0.1, 0.5), item(short, long))).toEqual({ pairwise: { preferred: 'k0' } });
  expect(judgeDefinitions(judge(0.1, 0.5), item(long, short))).toEqual({ pairwise: { preferred: 'k1' } });
  expect(judgeDefinitions(judge(0.1, 0.05), item(long, short))).toEqual({ pairwise: { preferred: 'k0' } });
  expect(judgeDefinitions(judge(0, 0), item(short, 'some other grey rock'))).toEqual({
    pairwise: { outcome: 'BOTH_GOOD' },
  });
  expect(judgeDefinitions(judge(0, 0), item('a stone', 'pebble'))).toEqual({ pairwise: { outcome: 'NEITHER' } });
});
