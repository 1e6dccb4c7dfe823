import { expect, test } from 'vitest';
import { parseStoredJson } from '../../../src/datasets/stored-json.js';

test.each<[string, unknown]>([
  ['{"a":[1,-2.5,1e3,true,null],"b":"text"}', { a: [1, -2.5, 1000, true, null], b: 'text' }],
  ['[9007199254740993,0.30000000000000004]', ['9007199254740993', 0.30000000000000004]],
  ['[NaN,nan,-Infinity,Infinity,inf,-inf]', ['NaN', 'NaN', '-Infinity', 'Infinity', 'Infinity', '-Infinity']],
  ['{"NaN \\" Infinity":[NaN,"9007199254740993 \\\\"]}', { 'NaN " Infinity': ['NaN', '9007199254740993 \\'] }],
])('%s', (json, value) => {
  expect(parseStoredJson(json)).toEqual(value);
});

test('a value that is nested too deeply is its text', () => {
  const deep = `${'['.repeat(501)}NaN${']'.repeat(501)}`;
  expect(parseStoredJson(deep)).toBe(deep);
});
