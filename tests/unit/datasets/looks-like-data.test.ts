import { describe, expect, test } from 'vitest';
import { whyFirstRowIsData } from '../../../gpu-worker/preparation/ingestion/looks-like-data.js';

const why = (...[first = [], ...others]: string[][]) => whyFirstRowIsData(first, others);
const review = 'The plot is thin, but the actors are so good that one forgets it after ten minutes or so.';

describe('a first row of data is recognised', () => {
  test.each<[string, string[][], string]>([
    [
      'by a label that occurs again',
      [
        ['Ok then', 'ham'],
        ['Win!', 'spam'],
        ['See you', 'ham'],
        ['Bye', 'ham'],
      ],
      '“ham” stands below it again, 2 times',
    ],
    [
      'by a number above numbers',
      [
        ['4', 'good'],
        ['1', 'bad'],
      ],
      '“4” is a number like all below it',
    ],
    [
      'by numbers, times, flags and addresses',
      [
        ['1.5', '2024-01-01', 'True', 'a@b.org'],
        ['2', '2024-01-02', 'False', 'c@d.org'],
      ],
      '“1.5” is a number',
    ],
    [
      'by a time above times',
      [
        ['text', '2024-02-29'],
        ['other', '2023-01-01'],
        ['third', ''],
      ],
      '“2024-02-29” is a time',
    ],
    [
      'by a year above years',
      [
        ['1999', 'x'],
        ['2003', 'y'],
      ],
      '“1999” is a number',
    ],
    [
      'by a text as long as the texts below',
      [[review], [review.toUpperCase()], [`${review} Yes.`]],
      'is a text like those below it',
    ],
    [
      'by a value that is longer than a name',
      [
        ['x'.repeat(300), 'a'],
        ['short', 'b'],
      ],
      'is longer than a name may be',
    ],
    [
      'by a label, though rows repeat the first as a whole',
      [
        ['x', 'a'],
        ['x', 'a'],
        ['y', 'a'],
      ],
      '“a” stands below it again, once',
    ],
  ])('%s', (_, rows, reason) => {
    expect(why(...rows)).toContain(reason);
  });
});

describe('a header is not asked about', () => {
  test.each<[string, string[][]]>([
    [
      'names above numbers',
      [
        ['text', 'label'],
        ['label', '1'],
        ['text', '0'],
      ],
    ],
    [
      'names above texts',
      [
        ['text', 'label'],
        ['hello', 'a'],
        ['world', 'b'],
      ],
    ],
    [
      'a name that is also a value, beside one above numbers',
      [
        ['spam', 'score'],
        ['spam', '1'],
        ['ham', '2'],
      ],
    ],
    [
      'years above values',
      [
        ['text', '2020', '2019'],
        ['x', '1', '2'],
        ['y', '3', '4'],
      ],
    ],
    [
      'years above values, alone',
      [
        ['2020', '2019'],
        ['17', '2019'],
        ['3', '4'],
      ],
    ],
    [
      'places from 0, as pandas writes them',
      [
        ['0', '1'],
        ['5', '3'],
        ['7', '9'],
      ],
    ],
    [
      'places from 0 beside an index',
      [
        ['', '0', '1'],
        ['0', '5', 'x'],
        ['1', '7', 'y'],
      ],
    ],
    [
      'an index without a name',
      [
        ['', 'text'],
        ['0', 'x'],
        ['1', 'y'],
      ],
    ],
    [
      'a question with short answers',
      [['How satisfied are you, all in all, with the way in which we answered your letter'], ['very'], ['not at all']],
    ],
    ['a question with long answers', [[`${review.slice(0, 80)}?`], [review], [review]]],
    [
      'a header that is repeated, in files that were joined',
      [
        ['text', 'label'],
        ['x', 'a'],
        ['text', 'label'],
        ['y', 'b'],
      ],
    ],
    ['no rows', [['1', '2']]],
    ['rows of other lengths', [['a'], ['a', 'b']]],
  ])('%s', (_, rows) => {
    expect(why(...rows)).toBeNull();
  });
});
