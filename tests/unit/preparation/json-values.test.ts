import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flattened } from '../../../gpu-worker/preparation/formats/flatten-json.js';
import { JsonSurvey } from '../../../gpu-worker/preparation/formats/json-survey.js';
import { JsonFault, JsonValues } from '../../../gpu-worker/preparation/formats/json-values.js';

/** The members of a document's root as it is cut, in pieces of so many bytes. */
function cut(text: string, pieceBytes: number, maxValueBytes = 1e6): string[] {
  const found: string[] = [];
  const values = new JsonValues(
    {
      begin: (path) => (path.length === 0 ? 'ENTER' : 'TAKE'),
      value: (path, { bytes }) => found.push(`${path.join('/')}=${Buffer.from(bytes).toString()}`),
      end: () => undefined,
    },
    maxValueBytes,
  );
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += pieceBytes) values.push(bytes.subarray(start, start + pieceBytes));
  values.finish();
  return found;
}

test('values are cut as they stand, however a document is divided', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0, 2),
      (items, size, indent) => {
        const found = cut(JSON.stringify(items, null, indent), size);
        expect(found.map((each) => JSON.parse(each.slice(each.indexOf('=') + 1)))).toEqual(
          JSON.parse(JSON.stringify(items)),
        );
      },
    ),
  );
});

test('keys are decoded, and numbers are not', () => {
  expect(cut('{"a\\u0062":1.0e+3,"":true ,"x" : null}', 3)).toEqual(['ab=1.0e+3', '=true', 'x=null']);
});

test('of a value that is too long only the beginning is kept', () => {
  const [first, second] = cut(`["${'x'.repeat(100_000)}",1]`, 1000, 10);
  expect(first!.length).toBeLessThan(1100);
  expect(second).toBe('1=1');
});

test.each(['[1 2]', '{"a" 1}', '{1:2}', '[1,]x', '[1', '"a', '', '{"a":1,}', ']', '[}'])(
  '%s is no document',
  (text) => {
    expect(() => cut(text, 1)).toThrow(JsonFault);
  },
);

describe('objects inside of a row', () => {
  const flat = (text: string) => Buffer.from(flattened(Buffer.from(text))).toString();

  test.each([
    ['{"a":1}', '{"a":1}'],
    ['{"a":{"b":{"c":9007199254740993}},"d":[{"e":1}]}', '{"a.b.c":9007199254740993,"d":[{"e":1}]}'],
    ['{"a":{},"b":{"c":"{"}}', '{"b.c":"{"}'],
    ['{"a":{}}', '{"a":{}}'],
    ['{"a":{"b":1}', '{"a":{"b":1}'],
  ])('%s become %s', (text, wanted) => expect(flat(text)).toBe(wanted));
});

test('the survey counts rows in each place', () => {
  const survey = new JsonSurvey();
  survey.push(
    Buffer.from('{"a":{"b":[{"x":1},{"x":2}]},"c":[[1,2]],"d":{"p":[1,2,3],"q":["x","y","z"]},"e":[1],"f":[]}'),
  );
  expect(survey.finish()).toEqual([
    { path: ['c'], layout: 'ROWS', rows: 1 },
    { path: ['d'], layout: 'COLUMNS', rows: 3 },
    { path: ['a', 'b'], layout: 'RECORDS', rows: 2 },
  ]);
});
