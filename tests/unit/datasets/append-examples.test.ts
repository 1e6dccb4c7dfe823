import { describe, expect, test } from 'vitest';
import { checkExamples, maxExampleBytes, maxExamplesPerCall } from '../../../src/datasets/appended/check-examples.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';

const column = (name: string, type: ColumnType) => ({ name, type });
const columns = [
  column('text', 'TEXT'),
  column('n', 'INTEGER'),
  column('x', 'FLOAT'),
  column('flag', 'BOOLEAN'),
  column('at', 'TIMESTAMP'),
  column('words', 'TEXT_LIST'),
  column('ids', 'INTEGER_LIST'),
  column('vector', 'FLOAT_LIST'),
  column('any', 'JSON'),
];

const none = { allowNewColumns: false, allowNewSplits: false };
const latest = { columns, splits: [{ name: 'train' }, { name: 'test' }] };

const kept = (values: unknown, allowsNewColumns = false) =>
  checkExamples([{ values }], latest, { allowNewColumns: allowsNewColumns, allowNewSplits: false })[0]!.json;

function problemsOf(
  examples: readonly { values: unknown; split?: string | null }[],
  allowsNewColumns = false,
): string[] {
  try {
    checkExamples([...examples], latest, { allowNewColumns: allowsNewColumns, allowNewSplits: false });
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return error.problems.map(({ path, code }) => `${path.join('.')} ${code}`);
  }
}

describe('a value that fits its column is kept', () => {
  test.each([
    [{ text: 'é "x"\n' }, '{"text":"é \\"x\\"\\n"}'],
    [{ n: -7 }, '{"n":-7}'],
    [{ n: '9007199254740993' }, '{"n":9007199254740993}'],
    [{ n: '-9223372036854775808' }, '{"n":-9223372036854775808}'],
    [{ x: 1 }, '{"x":1}'],
    [{ x: 0.1 }, '{"x":0.1}'],
    [{ x: 1e300 }, '{"x":1e+300}'],
    [{ flag: false }, '{"flag":false}'],
    [{ at: '2024-02-29' }, '{"at":"2024-02-29"}'],
    [{ at: '2024-05-01T10:00:00.123456Z' }, '{"at":"2024-05-01 10:00:00.123456"}'],
    [{ at: '2024-05-01 00:30:00+02:00' }, '{"at":"2024-04-30 22:30:00"}'],
    [{ at: '2024-05-01T10:15' }, '{"at":"2024-05-01 10:15:00"}'],
    [{ words: ['a', ''] }, '{"words":["a",""]}'],
    [{ words: [] }, '{"words":[]}'],
    [{ ids: [1, '9007199254740993'] }, '{"ids":[1,9007199254740993]}'],
    [{ vector: [1, 2.5] }, '{"vector":[1,2.5]}'],
    [{ any: { a: [null, { b: 1 }] } }, '{"any":{"a":[null,{"b":1}]}}'],
    [{ text: 'a', n: null }, '{"text":"a"}'],
  ])('%j', (values, json) => {
    expect(kept(values)).toBe(json);
  });
});

describe('a value that its column can not hold is a problem', () => {
  test.each([
    [{ text: 5 }, 'text WRONG_COLUMN_TYPE'],
    [{ n: 1.5 }, 'n WRONG_COLUMN_TYPE'],
    [{ n: '007' }, 'n WRONG_COLUMN_TYPE'],
    [{ n: '9223372036854775808' }, 'n WRONG_COLUMN_TYPE'],
    [{ n: 9007199254740992 }, 'n WRONG_COLUMN_TYPE'],
    [{ x: '1.5' }, 'x WRONG_COLUMN_TYPE'],
    [{ x: Number.POSITIVE_INFINITY }, 'x WRONG_COLUMN_TYPE'],
    [{ flag: 'true' }, 'flag WRONG_COLUMN_TYPE'],
    [{ at: '2023-02-29' }, 'at WRONG_COLUMN_TYPE'],
    [{ at: '2024-05-01T24:00:00Z' }, 'at WRONG_COLUMN_TYPE'],
    [{ at: 1714521600 }, 'at WRONG_COLUMN_TYPE'],
    [{ words: 'a b' }, 'words WRONG_COLUMN_TYPE'],
    [{ words: ['a', null] }, 'words WRONG_COLUMN_TYPE'],
    [{ ids: [1.5] }, 'ids WRONG_COLUMN_TYPE'],
    [{ vector: ['1'] }, 'vector WRONG_COLUMN_TYPE'],
    [{ any: { deep: [2 ** 60] } }, 'any WRONG_COLUMN_TYPE'],
    [{ txt: 'a' }, 'txt UNKNOWN_COLUMN'],
    [{ TEXT: 'a' }, 'TEXT UNKNOWN_COLUMN'],
  ])('%j', (values, expected) => {
    expect(problemsOf([{ values }])).toEqual([`examples.0.values.${expected}`]);
  });

  test('the problem shows the value, and how it is to be sent', () => {
    const wordsOf = (values: unknown) => {
      try {
        checkExamples([{ values }], latest, none);
      } catch (error) {
        if (error instanceof ProblemsError) return error.problems.map(({ message, hint }) => `${message} ${hint}`)[0];
      }
      return null;
    };
    const times = 'Send a time as a text such as 2026-01-31, 2026-01-31T08:00:00Z or 2026-01-31 09:00:00+01:00.';
    expect(wordsOf({ at: 'yesterday' })).toBe(
      `“at” holds TIMESTAMP, and the text “yesterday” is not written as a time. ${times}`,
    );
    expect(wordsOf({ at: '1.2.2024' })).toContain('the text “1.2.2024” is not written as a time');
    expect(wordsOf({ at: 17 })).toBe(`“at” holds TIMESTAMP, and this is a whole number. ${times}`);
    expect(wordsOf({ at: '2024-02-30' })).toBe(`“at” holds TIMESTAMP, and there is no such moment. ${times}`);
    expect(wordsOf({ x: '1.5' })).toBe('“x” holds FLOAT, and this is the text “1.5”. Send it as a number: 1.5.');
    expect(wordsOf({ n: 'seven' })).toBe('“n” holds INTEGER, and this is the text “seven”. null');
    expect(wordsOf({ flag: 'true' })).toContain('Send true or false, without quotes.');
    expect(wordsOf({ at: '😀'.repeat(61) })).toContain(`“${'😀'.repeat(60)}…”`);
  });

  test('and so is what is no example', () => {
    for (const values of [null, 'a', 5, [], [{ text: 'a' }], {}, { text: null }]) {
      expect(problemsOf([{ values }])).toEqual(['examples.0.values INVALID_VALUE']);
    }
    expect(problemsOf([{ values: { text: 'a' }, split: 'my split' }])).toEqual(['examples.0.split INVALID_VALUE']);
    const long = { values: { text: 'x'.repeat(maxExampleBytes) } };
    expect(problemsOf([long])).toEqual(['examples.0.values TOO_LONG']);
    expect(problemsOf([])).toEqual(['examples REQUIRED']);
    const many = Array.from({ length: maxExamplesPerCall + 1 }, () => ({ values: { text: 'a' } }));
    expect(problemsOf(many)).toEqual(['examples TOO_LONG']);
  });

  test('of many problems the first twenty are told', () => {
    const wrong = Array.from({ length: 30 }, () => ({ values: { text: 1, n: 'x' } }));
    const found = problemsOf(wrong);
    expect(found).toHaveLength(20);
    expect(found.at(-1)).toBe('examples.9.values.n WRONG_COLUMN_TYPE');
  });
});

describe('new columns', () => {
  test('take any value, if they are asked for', () => {
    expect(kept({ topic: 'a', scores: { a: 1 } }, true)).toBe('{"topic":"a","scores":{"a":1}}');
    expect(problemsOf([{ values: { Text: 'a' } }], true)).toEqual(['examples.0.values.Text UNKNOWN_COLUMN']);
    for (const name of ['__attune_row', '__ATTUNE_text:a', 'attune_split', ' ', 'a\tb', 'x'.repeat(201)]) {
      expect(problemsOf([{ values: { [name]: 'a' } }], true)).toEqual([
        `examples.0.values.${name} INVALID_COLUMN_NAME`,
      ]);
    }
    expect(problemsOf([{ values: { id: 2 ** 60 } }], true)).toEqual(['examples.0.values.id INVALID_VALUE']);
  });

  test('are those of the latest version, as the splits are', () => {
    const inSplits = ['train', 'tset', 'test'].map((split) => ({ values: { text: 'a' }, split }));
    expect(problemsOf(inSplits)).toEqual(['examples.1.split UNKNOWN_SPLIT']);
  });

  test('are all there are where the dataset has no version', () => {
    expect(checkExamples([{ values: { a: 1 }, split: 'train' }], null, none)).toEqual([
      { split: 'train', json: '{"a":1}', bytes: 7 },
    ]);
  });
});
