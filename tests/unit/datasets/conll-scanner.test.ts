import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConllScanner, maxLinesOfSentence } from '../../../gpu-worker/preparation/ingestion/conll-scanner.js';
import { RowTally } from '../../../gpu-worker/preparation/ingestion/rejected-rows.js';
import type { ConllOptions } from '../../../src/protocol/datasets/file-options.js';

interface Options extends Partial<ConllOptions> {
  readonly maxRowBytes?: number;
  /** Size of the chunks that the file comes in. */
  readonly chunk?: number;
}

const wordsAndTags = [
  { number: 1, name: 'words' },
  { number: 2, name: 'tags' },
];

function scan(file: string | Uint8Array, options: Options = {}) {
  const { columns = wordsAndTags, separator = 'WHITESPACE', maxRowBytes = 1000, chunk = 1 << 16 } = options;
  const tally = new RowTally();
  const scanner = new ConllScanner({ columns, separator, maxRowBytes, columnName: (index) => `c${index}` }, tally);
  const bytes = Buffer.from(file);
  const written: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += chunk) {
    scanner.push(bytes.subarray(start, start + chunk));
    written.push(scanner.take());
  }
  scanner.finish();
  written.push(scanner.take());
  const lines = Buffer.concat(written).toString('utf8').split('\n').slice(0, -1);
  const rows = lines.map((line) => Object.values(JSON.parse(line) as Record<string, string[]>));
  expect(tally.accepted).toBe(rows.length);
  return { rows, tally, rejected: tally.rows.map(({ line, code, reason }) => [line, code, reason]) };
}

describe('sentences', () => {
  test('of CoNLL-2003 have the columns that are chosen, in the order of the choice', () => {
    const file = [
      '-DOCSTART- -X- -X- O',
      '',
      'EU NNP B-NP B-ORG',
      'rejects VBZ B-VP O',
      '',
      '',
      'Peter\tNNP  B-NP B-PER ',
      '',
    ].join('\n');
    const columns = [
      { number: 4, name: 'tags' },
      { number: 1, name: 'words' },
    ];
    expect(scan(file, { columns })).toMatchObject({
      rows: [
        [
          ['B-ORG', 'O'],
          ['EU', 'rejects'],
        ],
        [['B-PER'], ['Peter']],
      ],
      rejected: [],
    });
  });

  test('of CoNLL-U are without comments, spans and words left out', () => {
    const line = (...fields: string[]) => [...fields, ...Array(10 - fields.length).fill('_')].join('\t');
    const file = [
      '# sent_id = 1',
      '# text = vámonos al mar',
      line('1-2', 'vámonos'),
      line('1', 'vamos', 'ir', 'VERB'),
      line('2', 'nos', 'nosotros', 'PRON'),
      line('2.1', 'left out'),
      line('3', '10 000', '10 000', 'NUM'),
      '',
      '# text = mar',
      line('1', 'mar', 'mar', 'NOUN'),
    ].join('\n');
    const columns = [
      { number: 2, name: 'words' },
      { number: 4, name: 'tags' },
    ];
    expect(scan(file, { columns, separator: 'TAB' })).toMatchObject({
      rows: [
        [
          ['vamos', 'nos', '10 000'],
          ['VERB', 'PRON', 'NUM'],
        ],
        [['mar'], ['NOUN']],
      ],
      rejected: [],
    });
  });

  test('may begin with, hold and consist of words that begin as a comment does', () => {
    const file = '#breaking O\nnews O\n\n#tag B-x\n\nand O\n# O\n# I-x\n\n#begin document (x); part 000\nlast O\n';
    expect(scan(file).rows.map(([words]) => words)).toEqual([
      ['#breaking', 'news'],
      ['#tag'],
      ['and', '#', '#'],
      ['last'],
    ]);
  });

  test('may end in any kind of line end, also mixed, and in none', () => {
    const rows = [
      [
        ['a', 'b'],
        ['X', 'Y'],
      ],
      [['c'], ['Z']],
    ];
    for (const end of ['\n', '\r\n', '\r']) {
      for (const chunk of [1, 2, 3, 100]) {
        expect(scan(['a X', 'b Y', '', 'c Z', ''].join(end), { chunk }).rows).toEqual(rows);
        expect(scan(['a X', 'b Y', ' \t', 'c Z'].join(end), { chunk }).rows).toEqual(rows);
      }
    }
    expect(scan('a X\r\nb Y\r\n\nc Z').rows).toEqual(rows);
  });

  test('keep blanks of other kinds, which may be words', () => {
    expect(scan('\u00a0 O\n\u3000 O\n').rows).toEqual([
      [
        ['\u00a0', '\u3000'],
        ['O', 'O'],
      ],
    ]);
  });

  test('come out as they went in, whatever they hold and however the file is cut into chunks', () => {
    const character = fc.constantFrom('a', 'B', '-', '#', '"', '\\', 'é', '😀', '{', '\u00a0');
    const word = fc.array(character, { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
    // A first word `#` alone would do no harm; one that begins the file has nothing to be compared with.
    const sentence = fc
      .array(fc.tuple(word, word), { minLength: 1, maxLength: 4 })
      .filter(([first]) => !first![0].startsWith('#'));
    fc.assert(
      fc.property(
        fc.array(sentence, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (sentences, chunk, end) => {
          const file = sentences.map((pairs) => `${pairs.map((pair) => pair.join('\t')).join(end)}${end}${end}`);
          const result = scan(file.join(''), { separator: 'TAB', chunk });
          expect(result.rows).toEqual(sentences.map((pairs) => [pairs.map(([w]) => w), pairs.map(([, tag]) => tag)]));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('sentences that cannot be read', () => {
  test('are told by their first line, and the others are read', () => {
    const file = 'a X\nb\n\nc Y\n\nd X\ne Y Z\n\nf Z\n';
    expect(scan(file)).toMatchObject({
      rows: [
        [['c'], ['Y']],
        [['f'], ['Z']],
      ],
      rejected: [
        [1, 'TOO_FEW_COLUMNS', 'Line 2 has 1 column; column 2 was requested.'],
        [6, 'UNEQUAL_COLUMNS', 'Line 7 has 3 columns, and line 6 2.'],
      ],
    });
    expect(scan(file).tally.rows[0]?.excerpt).toBe('a X\nb');
  });

  test('… when a column is empty, is not UTF-8, or holds a NUL', () => {
    const file = Buffer.concat([
      Buffer.from('good\tX\n\na\tX\n\tY\n\ncaf'),
      Buffer.from([0xe9]),
      Buffer.from('\tX\n\nx\u0000\tX\n\ncafé\tX\n'),
    ]);
    const { rows, rejected, tally } = scan(file, { separator: 'TAB' });
    expect(rows).toEqual([
      [['good'], ['X']],
      [['café'], ['X']],
    ]);
    expect(rejected).toEqual([
      [3, 'INVALID_LIST', 'Column 1 of line 4 is empty.'],
      [6, 'INVALID_UTF8', 'Line 6 is not UTF-8.'],
      [8, 'INVALID_CHARACTER', 'Line 8 holds a NUL character.'],
    ]);
    expect(tally).toMatchObject({ notUtf8: 1, acceptedBeyondAscii: 1 });
  });

  test('… when the file is cut off in mid-sentence', () => {
    expect(scan('a X\n\nb Y\nc').rejected).toEqual([
      [3, 'CUT_OFF', 'Line 4 has 1 column; column 2 was requested. Then the file ends: it may have been cut off.'],
    ]);
  });

  test('… when they are too long, in one line or in all', () => {
    const file = `a X\n\n${'x'.repeat(2000)} X\n\n${'b Y\n'.repeat(400)}\nc Z\n`;
    for (const chunk of [100, 1 << 16]) {
      const { rows, tally } = scan(file, { chunk });
      expect(rows).toEqual([
        [['a'], ['X']],
        [['c'], ['Z']],
      ]);
      expect(tally.rows.map(({ line, code }) => [line, code])).toEqual([
        [3, 'TOO_LONG'],
        [5, 'TOO_LONG'],
      ]);
    }
  });

  test('… when no blank line separates them', () => {
    const { tally } = scan('w T\n'.repeat(maxLinesOfSentence + 2), { maxRowBytes: 1 << 24 });
    expect(tally.rows).toMatchObject([{ line: 1, code: 'TOO_LONG' }]);
    expect(tally.rows[0]?.reason).toContain('no blank lines separate the sentences');
    expect(tally.rows[0]?.excerpt.length).toBeLessThanOrEqual(200);
  });
});

test('a file of comments, blank lines and marks has no sentence', () => {
  expect(scan('# one\n\n-DOCSTART-\n\n \n\t\n# two two\n')).toMatchObject({ rows: [], rejected: [] });
});
