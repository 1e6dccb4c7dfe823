import { describe, expect, test } from 'vitest';
import { isHeavyJson } from '../../../src/server/json-weight.js';

const heavy = (text: string): boolean => isHeavyJson(Buffer.from(text));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
/** A list of so many numbers: the list is a value, and so is each comma. */
const list = (numbers: number): string => `[${Array(numbers).fill(1).join(',')}]`;

describe('JSON is heavy', () => {
  test.each<[string, string, boolean]>([
    ['64 deep', nested(64), false],
    ['65 deep', nested(65), true],
    ['objects 65 deep', '{"a":'.repeat(65), true],
    ['wide and flat', `[${Array(1000).fill('[]').join(',')}]`, false],
    ['100,000 values', list(100_000), false],
    ['100,001 values', list(100_001), true],
    ['brackets in a text', `{"a":"${'['.repeat(100)}"}`, false],
    ['brackets after a quote in a text', `{"a":"\\"${'['.repeat(100)}"}`, false],
    ['brackets after a text that ends with a backslash', `{"a":"\\\\",${'['.repeat(100)}`, true],
    ['a text of three million commas', JSON.stringify(','.repeat(3_000_000)), false],
    ['a text that does not end', `["${'['.repeat(100)}`, false],
    ['nothing', '', false],
  ])('%s: %#', (_, text, expected) => {
    expect(heavy(text)).toBe(expected);
  });
});
