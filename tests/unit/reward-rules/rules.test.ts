import { expect, test } from 'vitest';
import { type LinearPattern, readPattern } from '../../../src/preparation/linear-pattern.js';
import type { RewardRule } from '../../../src/protocol/rewards/reward-rule.js';
import { openRule } from '../../../src/reward-rules/open-rule.js';

type Row = Readonly<Record<string, string | null>>;

function scored(rule: RewardRule, text: string, row: Row = {}, tokenCount = 0): number {
  const open = openRule(rule);
  if (typeof open !== 'function') throw new Error(open.message);
  return open({ text, tokenCount, row });
}

const refused = (rule: RewardRule) => {
  const open = openRule(rule);
  return typeof open === 'function' ? null : { code: open.code, path: open.path };
};

test('a length counts tokens, words between white space, or code points', () => {
  const cost = (unit: 'tokens' | 'words' | 'characters') =>
    scored({ kind: 'lengthCost', unit, cost: 0.5 }, ' two  words\n🙂 ', {}, 9);
  expect(cost('tokens')).toBe(-4.5);
  expect(cost('words')).toBe(-1.5);
  expect(cost('characters')).toBe(-7);
  expect(Object.is(scored({ kind: 'lengthCost', unit: 'words', cost: 1 }, ''), 0)).toBe(true);
});

test('a range holds both of its ends, and a target falls off evenly', () => {
  const range = (length: number) => scored({ kind: 'lengthRange', unit: 'tokens', least: 2, most: 4 }, '', {}, length);
  expect([1, 2, 4, 5].map(range)).toEqual([0, 1, 1, 0]);
  const open = (length: number) =>
    scored({ kind: 'lengthRange', unit: 'tokens', least: 2, most: null }, '', {}, length);
  expect([1, 1_000].map(open)).toEqual([0, 1]);
  const target = (length: number) =>
    scored({ kind: 'lengthTarget', unit: 'tokens', target: 10, tolerance: 4 }, '', {}, length);
  expect([10, 9, 12, 14, 20].map(target)).toEqual([1, 0.75, 0.5, 0, 0]);
});

test('the soft penalty of DAPO is 0, falls over its buffer, and stays at −1', () => {
  // L_max 20, L_cache 5: ((20 − 5) − 17) / 5 = −0.4.
  const penalty = (length: number) => scored({ kind: 'overlong', unit: 'tokens', most: 20, buffer: 5 }, '', {}, length);
  expect([15, 16, 17, 20, 21, 100].map(penalty)).toEqual([0, -0.2, -0.4, -1, -1, -1]);
});

test('a pattern is found anywhere, or has to be all of it', () => {
  const rule = { kind: 'pattern', pattern: 'b+', ignoreCase: true } as const;
  expect(scored({ ...rule, whole: false }, 'aBBc')).toBe(1);
  expect(scored({ ...rule, whole: true }, 'aBBc')).toBe(0);
  expect(scored({ ...rule, whole: true }, 'BB')).toBe(1);
  expect(scored({ ...rule, ignoreCase: false, whole: false }, 'aBBc')).toBe(0);
});

test('a pattern that takes forever elsewhere takes no time, and what RE2 has not is refused', () => {
  const started = performance.now();
  const rule = { kind: 'pattern', ignoreCase: false, whole: true } as const;
  expect(scored({ ...rule, pattern: '(a+)+b' }, 'a'.repeat(20_000))).toBe(0);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(refused({ ...rule, pattern: '(?=a)b' })).toEqual({ code: 'INVALID_VALUE', path: ['pattern'] });
  expect(refused({ kind: 'equals', column: 'a', ignoreCase: false, answerPattern: '(' })).toEqual({
    code: 'INVALID_VALUE',
    path: ['answerPattern'],
  });
});

test('an answer is one of some texts, around which white space does not count', () => {
  const rule = { kind: 'choice', choices: ['Yes', 'No'], ignoreCase: false, answerPattern: null } as const;
  const choice: RewardRule = { ...rule, choices: ['Yes', 'No'] };
  expect(scored(choice, ' Yes\n')).toBe(1);
  expect(scored(choice, 'yes')).toBe(0);
  expect(scored({ ...choice, ignoreCase: true }, 'yes')).toBe(1);
  expect(scored({ ...choice, answerPattern: 'Answer: (\\w+)' }, 'Answer: No. Then Answer: Yes!')).toBe(1);
  expect(scored({ ...choice, answerPattern: 'Answer: (\\w+)' }, 'Yes')).toBe(0);
});

test('an answer is compared with a column, and without its value nothing can be said', () => {
  const rule: RewardRule = { kind: 'equals', column: 'gold', ignoreCase: true, answerPattern: null };
  expect(scored(rule, 'Café ', { gold: ' cafe\u0301' })).toBe(1);
  expect(scored(rule, 'tea', { gold: 'coffee' })).toBe(0);
  expect(scored(rule, 'tea', { gold: null })).toBeNaN();
  expect(scored(rule, 'tea')).toBeNaN();
});

test('numbers are compared within a tolerance, the last one of each text', () => {
  const rule: RewardRule = { kind: 'number', column: 'gold', absolute: 0, relative: 0, answerPattern: null };
  expect(scored(rule, 'so 3 + 4 = 7', { gold: '7.0' })).toBe(1);
  expect(scored(rule, 'it is 1,234.5.', { gold: 'the sum\n#### 1234.5' })).toBe(1);
  expect(scored(rule, 'it is −2', { gold: '-2' })).toBe(1);
  expect(scored(rule, 'of 2020-12', { gold: '12' })).toBe(1);
  expect(scored(rule, '1e3', { gold: '1000' })).toBe(1);
  expect(scored(rule, 'seven', { gold: '7' })).toBe(0);
  expect(scored(rule, '7', { gold: 'seven' })).toBeNaN();
  expect(scored({ ...rule, relative: 0.1 }, '109', { gold: '100' })).toBe(1);
  expect(scored({ ...rule, relative: 0.1 }, '111', { gold: '100' })).toBe(0);
  expect(scored({ ...rule, absolute: 11 }, '111', { gold: '100' })).toBe(1);
  expect(scored({ ...rule, answerPattern: '#### (.*)' }, '#### 5\nChecked in 2 ways', { gold: '5' })).toBe(1);
});

test('JSON is held to its schema, whose patterns RE2 reads', () => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: { name: { $ref: '#/$defs/name' }, code: { pattern: '^[0-9]+$' } },
    $defs: { name: { type: 'string', pattern: '^(a+)+$' } },
  };
  const rule: RewardRule = { kind: 'jsonSchema', schema, inCodeBlock: false };
  expect(scored(rule, ' {"name": "aa", "more": 1} ')).toBe(1);
  expect(scored(rule, '{"name": "ab"}')).toBe(0);
  expect(scored(rule, '{"name": "a", "code": "7"}')).toBe(1);
  expect(scored(rule, '{"name": "a", "code": "a"}')).toBe(0);
  expect(scored(rule, '{"name": "aa"} and more')).toBe(0);
  expect(scored(rule, `{"name": "${'a'.repeat(5_000)}b"}`)).toBe(0);
  const block = 'First:\n```json\n{"name": 1}\n```\nBetter:\n```json\n{"name": "a"}\n```';
  expect(scored(rule, block)).toBe(0);
  expect(scored({ ...rule, inCodeBlock: true }, block)).toBe(1);
  expect(scored({ kind: 'jsonSchema', schema: true, inCodeBlock: false }, `${'['.repeat(1e5)}`)).toBe(0);
});

test('a schema that is none, asks elsewhere, or answers later is refused', () => {
  for (const schema of [
    7,
    [],
    { type: 'text' },
    { $ref: 'https://example.org/s' },
    { $async: true },
    { pattern: '(?=a)' },
  ]) {
    expect(refused({ kind: 'jsonSchema', schema, inCodeBlock: false }), JSON.stringify(schema)).toEqual({
      code: 'INVALID_SCHEMA',
      path: ['schema'],
    });
  }
  expect(refused({ kind: 'jsonSchema', schema: { enum: ['x'.repeat(60_000)] }, inCodeBlock: false })?.code).toBe(
    'TOO_LONG',
  );
});

/** `levels` definitions, each of which refers to the next twice: 2^levels steps. */
const doubling = (levels: number, refer: (next: { $ref: string }) => unknown) => ({
  $ref: '#/$defs/a0',
  $defs: Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, i) => {
      const next = { $ref: `#/$defs/a${i + 1}` };
      return [`a${i}`, i === levels ? {} : { allOf: [refer(next), refer(next)] }];
    }),
  ),
});

test('a schema that would hold up others for long is refused, and says where it is too large', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ required: [`a${i}`] }));
  let deep: unknown = {};
  for (let i = 0; i < 20_000; i++) deep = { not: deep };
  const refusedSchemas = [
    [{ oneOf: many(2_000) }, 'TOO_LONG', ['schema', 'oneOf']],
    [{ properties: { a: { anyOf: many(101) } } }, 'TOO_LONG', ['schema', 'properties', 'a', 'anyOf']],
    [{ allOf: [{ oneOf: many(100) }, { oneOf: many(100) }, { oneOf: many(100) }] }, 'TOO_LONG', ['schema']],
    [deep, 'TOO_LONG', ['schema', ...Array<string>(33).fill('not')]],
    [{ minimum: Number.POSITIVE_INFINITY }, 'INVALID_SCHEMA', ['schema', 'minimum']],
    [
      { allOf: Array.from({ length: 5 }, (_, i) => ({ pattern: `${'a'.repeat(900)}${i}` })) },
      'INVALID_SCHEMA',
      ['schema'],
    ],
    [doubling(40, (next) => next), 'INVALID_SCHEMA', ['schema']],
  ] as const;
  for (const [schema, code, path] of refusedSchemas) {
    expect(refused({ kind: 'jsonSchema', schema, inCodeBlock: false })).toEqual({ code, path });
  }
  expect(refused({ kind: 'jsonSchema', schema: { oneOf: many(100) }, inCodeBlock: false })).toBeNull();
  expect(scored({ kind: 'jsonSchema', schema: doubling(10, (next) => next), inCodeBlock: false }, '1')).toBe(1);
});

test('a value whose check takes too many steps does not escape it', () => {
  const rule: RewardRule = { kind: 'jsonSchema', schema: doubling(40, (items) => ({ items })), inCodeBlock: false };
  expect(scored(rule, '[[[]]]')).toBe(1);
  expect(scored(rule, `${'['.repeat(41)}${']'.repeat(41)}`)).toBe(0);
});

test('of very many matches of an answer, the thousandth is the last that counts', () => {
  const rule: RewardRule = { kind: 'choice', choices: ['x'], ignoreCase: false, answerPattern: '[^b]*y|.' };
  const text = `${'a'.repeat(999)}x${'a'.repeat(500)}`;
  // Each search reads to the end, which has no “y”; the match is one character then.
  expect(scored(rule, text)).toBe(1);
});

test('JSON that is nested deeper than the stack scores 0 by a schema that refers to itself', () => {
  const rule: RewardRule = { kind: 'jsonSchema', schema: { items: { $ref: '#' } }, inCodeBlock: false };
  expect(scored(rule, '[[[1]]]')).toBe(1);
  expect(scored(rule, `${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toBeOneOf([0, 1]);
});

test('a forbidden word is found where it stands by itself', () => {
  const rule: RewardRule = { kind: 'forbiddenWords', words: ['cat', 'ice cream'], columns: ['word'], ignoreCase: true };
  expect(scored(rule, 'A Cat.')).toBe(-1);
  expect(scored(rule, 'concatenate cats')).toBe(0);
  expect(scored(rule, 'concatenate, then cat')).toBe(-1);
  expect(scored(rule, 'Ice cream!')).toBe(-1);
  expect(scored(rule, 'a small dog', { word: 'dog' })).toBe(-1);
  expect(scored(rule, 'a small dog', { word: '' })).toBe(0);
  expect(scored({ ...rule, ignoreCase: false }, 'A Cat.')).toBe(0);
  expect(scored({ ...rule, words: ['über'] }, 'darüber u\u0308ber')).toBe(-1);
  expect(scored({ ...rule, words: ['C++'] }, 'in C++.')).toBe(-1);
});

test('repetition is the share of n-grams that are not new', () => {
  const of = (text: string, n: number) => scored({ kind: 'repetition', n }, text);
  // the cat | cat the | the cat | cat the: 2 of 4 differ.
  expect(of('the cat The cat the', 2)).toBe(-0.5);
  expect(of('a a a a', 1)).toBe(-0.75);
  expect(of('a b c d', 2)).toBe(0);
  expect(of('a b', 3)).toBe(0);
});

test('items are unique as JSON has them, however many there are', () => {
  const rule: RewardRule = { kind: 'jsonSchema', schema: { uniqueItems: true }, inCodeBlock: false };
  const unique = (list: readonly unknown[]) => scored(rule, JSON.stringify(list));
  expect(unique([{ a: 1, b: [2] }, { b: [2], a: 2 }, 1, '1', [1], null, 'null', true, {}, []])).toBe(1);
  expect(unique([{ a: 1, b: [2] }, 0, { b: [2], a: 1 }])).toBe(0);
  expect(scored(rule, '[1, 1.0]')).toBe(0);
  expect(scored(rule, '[0, -0]')).toBe(0);
  expect(scored({ ...rule, schema: { uniqueItems: false } }, '[1, 1]')).toBe(1);
  expect(scored(rule, '"aa"')).toBe(1);
  // Compared each with each other, these would be 800 million pairs.
  const started = process.cpuUsage();
  expect(unique(Array.from({ length: 40_000 }, (_, i) => [i]))).toBe(0);
  expect(unique(Array.from({ length: 40_000 }, (_, i) => i))).toBe(1);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
});

test('a value for which the patterns of a schema read very much is not known to be allowed', () => {
  const patternProperties = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`^a.*${i}$`, { type: 'null' }]));
  const rule: RewardRule = { kind: 'jsonSchema', schema: { patternProperties }, inCodeBlock: false };
  const members = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${'ab'.repeat(8)}${i}x`, 1])));
  expect(scored(rule, members(10))).toBe(1);
  expect(scored(rule, members(5_000))).toBe(0);
});

test('searches for further matches that read very much end with the last one that was found', () => {
  const rule: RewardRule = { kind: 'choice', choices: ['x'], ignoreCase: false, answerPattern: '(?:.*?){100}q|.' };
  const started = process.cpuUsage();
  // Each search reads to the end, 400 instructions at a time; without an end, a thousand of them take 7 s.
  expect(scored({ ...rule, choices: ['b'] }, `${'a'.repeat(2_000)}b`)).toBe(0);
  expect(scored(rule, 'aax')).toBe(1);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
});

test.each(['#### (.*)', '\\d+', '(?i)answer: (\\w+)', '(?m)(\\w+)$', 'é+|🙂', '(a|ab)(c|bcd)?', 'x{2,}'])(
  'the last match of %s is that of a search without limits',
  (pattern) => {
    const text = 'Answer: no\n#### 12\nab abcd acé éé🙂 xxx 3.5\nanswer: Yes\nx xx\nlast 99';
    const { engine, groupCount } = readPattern(pattern, false, []) as LinearPattern;
    const matcher = engine.matcher(text);
    let last = '';
    while (matcher.find()) last = matcher.group(groupCount > 0 ? 1 : 0) ?? '';
    expect(last).not.toBe('');
    const rule: RewardRule = { kind: 'choice', choices: [last], ignoreCase: false, answerPattern: pattern };
    expect(scored(rule, text)).toBe(1);
  },
);
