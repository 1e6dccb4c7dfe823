import { describe, expect, test } from 'vitest';
import { noKindsYet, noteKind, typeOfKinds } from '../../../gpu-worker/preparation/ingestion/json-kinds.js';
import { longIntegersOf } from '../../../src/preparation/json-text.js';

function typeOf(...values: string[]): string {
  const kinds = noKindsYet();
  for (const value of values) noteKind(kinds, JSON.parse(value), longIntegersOf(value));
  return typeOfKinds(kinds);
}

describe('the type of a key', () => {
  test.each([
    ['nothing', [], 'TEXT'],
    ['nulls', ['null'], 'TEXT'],
    ['whole numbers of 64 bits', ['1', '-9223372036854775808', 'null'], 'INTEGER'],
    ['a whole number beyond 64 bits', ['1', '9223372036854775808'], 'TEXT'],
    ['the last whole number of 64 bits', ['9223372036854775807'], 'INTEGER'],
    ['numbers', ['1', '0.5'], 'FLOAT'],
    ['numbers with exponents, however large', ['0.5', '1e300', '123456789e20'], 'FLOAT'],
    ['long whole numbers among fractions', ['123456789012345678', '1.5'], 'TEXT'],
    ['long whole numbers among others with an exponent', ['100000000000000000', '1e17'], 'TEXT'],
    ['numbers and flags', ['1', 'true'], 'TEXT'],
    ['objects', ['{}', '{"a":1}'], 'JSON'],
    ['lists of texts', ['["a"]', '[]', 'null'], 'TEXT_LIST'],
    ['lists without items', ['[]', '[]'], 'TEXT_LIST'],
    ['lists of whole numbers', ['[1,2]', '[9007199254740993]'], 'INTEGER_LIST'],
    ['lists of numbers', ['[1]', '[0.5]'], 'FLOAT_LIST'],
    ['lists of texts and of numbers', ['["a"]', '[1]'], 'TEXT_LIST'],
    ['lists of whole numbers beyond 64 bits', ['[12345678901234567890]'], 'TEXT_LIST'],
    [
      'long whole numbers among fractions, whose last digits a float would lose',
      ['[9007199254740993]', '[0.5]'],
      'TEXT_LIST',
    ],
    ['lists with a null', ['["a"]', '["b",null]'], 'JSON'],
    ['lists of lists', ['["a"]', '[["b"]]'], 'JSON'],
    ['lists of objects', ['[{}]'], 'JSON'],
    ['lists of flags', ['[true]'], 'JSON'],
    ['lists with a number beyond all floats', ['[1e400]'], 'JSON'],
    ['lists and texts', ['["a"]', '"a"'], 'JSON'],
    ['lists and objects', ['["a"]', '{}'], 'JSON'],
  ])('of %s', (_, values, type) => {
    expect(typeOf(...values)).toBe(type);
  });
});
