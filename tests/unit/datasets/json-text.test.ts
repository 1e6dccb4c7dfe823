import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isNestedBeyond,
  keysInOrder,
  longIntegersOf,
  objectInOrder,
  parseExactly,
} from '../../../src/preparation/json-text.js';

describe('parseExactly', () => {
  test.each([
    ['{"id":1542657904481796105}', { id: '1542657904481796105' }],
    [
      '[9007199254740991,9007199254740992,-9007199254740993]',
      [9007199254740991, '9007199254740992', '-9007199254740993'],
    ],
    ['[1e300,0.1234567890123456789,12345678901234567890.5]', [1e300, 0.12345678901234568, 12345678901234567e3]],
    ['{"a":1e400,"b":[-1E+999,1e308,1e-400,"1e400"]}', { a: '1e400', b: ['-1E+999', 1e308, 0, '1e400'] }],
    [`[${'9'.repeat(400)}.5]`, [`${'9'.repeat(400)}.5`]],
    [
      String.raw`{"9007199254740993 \" 9007199254740993":"9007199254740993\\"}`,
      { '9007199254740993 " 9007199254740993': '9007199254740993\\' },
    ],
  ])('keeps every digit of %s', (text, value) => {
    expect(parseExactly(text)).toEqual(value);
  });

  test('is JSON.parse for everything without long whole numbers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(longIntegersOf(text).size === 0);
        expect(parseExactly(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

test('long integers are found where they are numbers, and told whether they have more than 64 bits', () => {
  expect([
    ...longIntegersOf('{"a":"9007199254740993","b":[9223372036854775807,-12345678901234567890],"c":1e17}'),
  ]).toEqual([
    [2 ** 63, false],
    [Number('-12345678901234567890'), true],
  ]);
  expect(longIntegersOf('[9223372036854775807,9223372036854775808]').get(2 ** 63)).toBe(true);
});

test('keys are listed in the order of the text, also whole numbers, and only the outermost', () => {
  expect(keysInOrder(String.raw`{ "text" : ":", "2020":{"9":1}, "20\u0031\"9" :[{"1":0}],"2":"2020"}`)).toEqual([
    'text',
    '2020',
    '201"9',
    '2',
  ]);
});

test('an object in order is written in that order, also with whole numbers for keys', () => {
  const object = objectInOrder([
    ['text', 'x'],
    ['2020', { a: 1 }],
    ['2019', null],
  ]);
  expect(JSON.stringify({ values: [object] })).toBe('{"values":[{"text":"x","2020":{"a":1},"2019":null}]}');
  expect(object).toEqual({ text: 'x', 2019: null, 2020: { a: 1 } });
  expect(
    JSON.stringify(
      objectInOrder([
        ['__proto__', 1],
        ['1', 2],
      ]),
    ),
  ).toBe('{"__proto__":1,"1":2}');
});

test('nesting counts lists and objects inside each other', () => {
  expect(isNestedBeyond(1, 0)).toBe(false);
  expect(isNestedBeyond([[1], { a: [] }], 3)).toBe(false);
  expect(isNestedBeyond([[1], { a: [] }], 2)).toBe(true);
  expect(isNestedBeyond(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 500)).toBe(true);
});
