import { describe, expect, test } from 'vitest';
import { divideText, faultOfJson } from '../../../gpu-worker/preparation/ingestion/read-list.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';

const list = (changes: Partial<ListColumn> = {}): ListColumn => ({
  column: 'x',
  separator: ',',
  items: null,
  emptyList: false,
  ...changes,
});

describe('a text', () => {
  test.each([
    ['a', ',', ['a']],
    ['a, b ,c', ',', ['a', 'b', 'c']],
    ['', ',', []],
    ['  ', ',', []],
    ['007, 1.0, 1e3, True', ',', ['007', '1.0', '1e3', 'True']],
    ['a||b|c', '||', ['a', 'b|c']],
    ['a  b c ', ' ', ['a', 'b', 'c']],
    ['a\tb c', '\t', ['a', 'b c']],
  ])('%j divided by %j', (text, separator, items) => {
    expect(divideText(text, list({ separator }))).toEqual(items);
  });

  test.each([
    ['a,,b', 'Item 2 of “x” is empty.'],
    ['a,', 'Item 2 of “x” is empty.'],
    [',', 'Item 1 of “x” is empty.'],
  ])('%j has an item that is empty', (text, fault) => {
    expect(divideText(text, list())).toEqual({ fault });
  });

  test('of numbers has those that can be kept as they are', () => {
    const numbers = list({ items: 'NUMBER' });
    const good = [
      '0',
      '-7',
      '123456789012345678',
      '9223372036854775807',
      '-9223372036854775808',
      '0.5',
      '-.5',
      '1.',
      '1e3',
      '2.5E-10',
    ];
    expect(divideText(good.join(','), numbers)).toEqual(good);
    for (const bad of ['007', '+1', 'NaN', 'inf', '1e999', 'one', '0x1', '1 2', '9223372036854775808']) {
      expect(divideText(`1,${bad}`, numbers)).toEqual({
        fault: `Item 2 of “x” is not a number that can be stored exactly: “${bad}”.`,
      });
    }
  });
});

describe('a value of JSON', () => {
  test.each([
    ['["a",1,0.5]', null],
    ['[]', null],
    ['null', null],
    ['"a"', '“x” is a text, not a list.'],
    ['{"a":1}', '“x” is an object, not a list.'],
    ['true', '“x” is true, not a list.'],
    ['["a",null]', 'Item 2 of “x” is null, not a text or a number.'],
    ['[["a"]]', 'Item 1 of “x” is a list, not a text or a number.'],
    ['[{}]', 'Item 1 of “x” is an object, not a text or a number.'],
    ['[1e400]', 'Item 1 of “x” is a number beyond all floats, not a text or a number.'],
  ])('%s', (json, fault) => {
    expect(faultOfJson(JSON.parse(json), list())).toBe(fault);
  });

  test('of numbers has no texts', () => {
    const numbers = list({ items: 'NUMBER' });
    expect(faultOfJson([1, 0.5], numbers)).toBeNull();
    expect(faultOfJson([1, '2'], numbers)).toBe('Item 2 of “x” is a text, not a number.');
  });
});
