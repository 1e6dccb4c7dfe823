import { describe, expect, it } from 'vitest';
import { distancesFromMean, scoreDistances } from '../../../../gpu-worker/preparation/report/embedding-outliers.js';
import { findDamagedEncoding } from '../../../../gpu-worker/preparation/report/encoding.js';
import { findGiveAwayWords } from '../../../../gpu-worker/preparation/report/give-away-words.js';
import { countLanguages } from '../../../../gpu-worker/preparation/report/languages.js';
import { distributeLengths, measureCharacters } from '../../../../gpu-worker/preparation/report/lengths.js';
import { countPersonalData } from '../../../../gpu-worker/preparation/report/personal-data.js';
import { scanTexts } from '../../../../gpu-worker/preparation/report/scan-texts.js';
import { openScratchTables } from '../../../../gpu-worker/preparation/report/scratch-tables.js';
import { surveyTexts } from '../../../../gpu-worker/preparation/report/text-survey.js';
import { findUnread, measureWords } from '../../../../gpu-worker/preparation/report/words.js';
import { createTokenizer } from '../../../../src/tokenizer/index.js';
import { openReportRoom } from '../../../support/report-file.js';

/** Knows the words a, b and c, and the pieces x, ##x. */
const tokenizer = createTokenizer(
  new TextEncoder().encode(
    JSON.stringify({
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        vocab: { '[UNK]': 0, a: 1, b: 2, c: 3, x: 4, '##x': 5 },
      },
    }),
  ),
);

describe('words and tokens', () => {
  it('are counted by column and split, with what the model does not know', () => {
    const words = measureWords(['text', 'note'], [0], { tokenizer, unknownId: 0, maxLength: 3 });
    const row = (split: string, ...texts: (string | null)[]) => words.read({ row: 0, split, texts });
    row('train', 'a b', 'one');
    row('train', ' a\u00a0xxxxx ', null);
    row('train', 'ü ü a', '');
    row('test', null, 'one two');
    const [text, noteOfTest, noteOfTrain, tokens] = words.lengths();
    expect(text).toMatchObject({ columns: ['text'], unit: 'WORDS', split: 'train', texts: 3, mean: 7 / 3 });
    expect(noteOfTest).toMatchObject({ columns: ['note'], split: 'test', texts: 1, mean: 2 });
    expect(noteOfTrain).toMatchObject({ columns: ['note'], split: 'train', texts: 2, mean: 0.5 });
    // a b → 2 tokens; a xxxxx → 1 + 5; ü ü a → 3.
    expect(tokens).toMatchObject({ unit: 'TOKENS', texts: 3, truncation: { maxLength: 3, texts: 1, share: 1 / 3 } });
    expect(words.vocabulary()).toEqual({
      rows: 3,
      words: 7,
      tokens: 11,
      tokensPerWord: 11 / 7,
      unknownTokens: 2,
      unknownShare: 2 / 11,
      unknownWords: [{ word: 'ü', count: 2 }],
      splitWords: [{ word: 'xxxxx', pieces: 5, count: 1 }],
    });
    const findings = findUnread(['text'], words.lengths(), words.vocabulary());
    expect(findings.map((each) => [each.code, each.count])).toEqual([['UNKNOWN_TOKENS', 2]]);
  });

  it('are a finding where the model reads less than half of the texts to their ends', () => {
    const words = measureWords(['text'], [0], { tokenizer, unknownId: 0, maxLength: 2 });
    for (const text of ['a b c', 'a b', 'xxx', 'b b b b']) words.read({ row: 0, split: 'train', texts: [text] });
    // Half of them is not most of them.
    for (const text of ['a b c', 'a']) words.read({ row: 0, split: 'test', texts: [text] });
    const found = findUnread(['text'], words.lengths(), words.vocabulary());
    expect(found).toMatchObject([
      {
        code: 'MOST_TEXTS_TRUNCATED',
        severity: 'WARNING',
        columns: ['text'],
        splits: ['train'],
        count: 3,
        share: 0.75,
        suggestedStep: null,
      },
    ]);
  });

  it('have quantiles as NumPy interpolates them, and bins with fixed bounds', () => {
    // numpy.quantile([1, 2, 4, 10], [0.25, 0.5, 0.95]) = [1.75, 3, 9.1]
    const { quantiles, histogram, mean } = distributeLengths(
      { columns: ['text'], unit: 'WORDS', split: 'train' },
      Int32Array.from([1, 2, 4, 10]),
      null,
    );
    expect(mean).toBe(4.25);
    expect(quantiles.map(({ length }) => Math.round(1e9 * length) / 1e9)).toEqual([
      1, 1.15, 1.75, 3, 5.5, 9.1, 9.82, 10,
    ]);
    expect(histogram.filter(({ texts }) => texts > 0)).toEqual([
      { from: 1, to: 2, texts: 1 },
      { from: 2, to: 5, texts: 2 },
      { from: 10, to: 20, texts: 1 },
    ]);
  });

  it('are distributed by the database as in memory', async () => {
    await using room = await openReportRoom();
    const lengths = [0, 3, 5, 5, 8, 21, 230, 1999];
    const file = await room.write(
      { text: 'VARCHAR' },
      { text: 'TEXT' },
      lengths.map((length) => ({ text: 'é'.repeat(length) })),
    );
    const place = { columns: ['text'], unit: 'CHARACTERS', split: 'train' } as const;
    await using scratch = openScratchTables(room.tools.database);
    const [measured] = await measureCharacters(room.tools, await surveyTexts(scratch, file));
    const expected = distributeLengths(place, Int32Array.from(lengths), null);
    expect(measured).toEqual({ ...expected, quantiles: measured?.quantiles });
    for (const [i, { length }] of expected.quantiles.entries()) {
      expect(measured?.quantiles[i]?.length).toBeCloseTo(length, 9);
    }
  });
});

describe('a pass over texts', () => {
  it('reads each row of a sample once, the same rows for the same seed', async () => {
    await using room = await openReportRoom();
    const file = await room.write(
      { text: 'VARCHAR' },
      { text: 'TEXT' },
      Array.from({ length: 3000 }, (_, i) => ({ text: `text ${i}` })),
    );
    const seen: number[] = [];
    const read = await scanTexts(room.tools, file, file.columns, 'true', [({ row }) => seen.push(row)]);
    expect(read).toBe(3000);
    expect(new Set(seen).size).toBe(3000);
  });
});

describe('personal data', () => {
  it('is counted by kind and shown by its kind alone', () => {
    const scan = (text: string) =>
      Array.from(text.matchAll(/\d{4}/g), ({ index }) => ({ kind: 'NUMBER', start: index, end: index + 4 }));
    const search = { kinds: ['PERSON_NAME' as const], phoneRegions: ['DE'], leastConfidence: 0.3 };
    const counting = countPersonalData(['text'], scan, search);
    counting.read({ row: 3, split: 'train', texts: ['call 1234 or 5678, please'] });
    counting.read({ row: 4, split: 'test', texts: ['nothing'] });
    expect(counting.counts()).toEqual([{ column: 'text', kind: 'NUMBER', rows: 1, finds: 2 }]);
    const [finding] = counting.findings();
    expect(finding).toMatchObject({ code: 'PERSONAL_DATA', count: 1, share: 0.5, splits: ['train'] });
    // The step masks what the report looked for.
    expect(finding?.suggestedStep).toMatchObject({ kind: 'maskPersonalData', columns: ['text'], ...search });
    expect(finding?.examples).toEqual([
      { row: 3, otherRow: null, excerpt: 'call [NUMBER] or [NUMBER], please', detail: 'NUMBER' },
    ]);
  });
});

describe('languages', () => {
  it('are a finding where a part of the texts is in another one', () => {
    const counting = countLanguages(['text'], (text) => (text === '' ? null : text.startsWith('der') ? 'de' : 'en'));
    for (let row = 0; row < 100; row++) counting.read({ row, split: 'train', texts: [row % 20 === 7 ? 'der' : 'the'] });
    counting.read({ row: 100, split: 'train', texts: [''] });
    expect(counting.counts()).toEqual([
      { language: 'en', rows: 95 },
      { language: 'de', rows: 5 },
    ]);
    expect(counting.findings()).toMatchObject([
      {
        count: 5,
        share: 0.05,
        severity: 'WARNING',
        examples: [{ row: 7 }, {}, {}, {}, {}],
        // What was found goes, and nothing else that is not surely English.
        suggestedStep: { kind: 'filterLanguage', action: 'DROP', languages: ['de'], keepUnknown: true },
      },
    ]);
  });

  it('have no step where the main one has less than half of the texts', () => {
    const counting = countLanguages(['text'], (text) => text);
    for (const [row, language] of [...'eeeedddfff'].entries())
      counting.read({ row, split: 'train', texts: [language] });
    expect(counting.findings()).toMatchObject([{ count: 6, suggestedStep: null }]);
  });
});

describe('damaged encodings', () => {
  it('are found, and sound texts of many languages are not', async () => {
    await using room = await openReportRoom();
    const sound = ['Où est le café ?', 'NÃO É NÃO', 'Ärger mit Öl', 'På ön', 'Привет, мир', '¿Qué tal?'];
    const damagedTexts = [
      'cafÃ©',
      'itâ€™s',
      'naÃ¯ve',
      'Ð¿Ñ€Ð¸Ð²ÐµÑ‚',
      'a \uFFFD b',
      'Â£ 20',
      'ðŸ˜€',
      'a line\nРџСЂРёРІРµС‚',
      'caf√©',
    ];
    const file = await room.write(
      { text: 'VARCHAR' },
      { text: 'TEXT' },
      [...sound, ...damagedTexts].map((text) => ({ text })),
    );
    const [finding] = await findDamagedEncoding(room.tools, file, sound.length + damagedTexts.length);
    expect(finding?.examples.map(({ excerpt }) => excerpt)).toEqual(damagedTexts);
  });
});

describe('words that tell the label', () => {
  const rowsWith = (mark: string) =>
    Array.from({ length: 200 }, (_, i) => ({
      text: `${i % 2 === 0 ? mark : ''} words about ${['rain', 'sun', 'snow'][i % 3]} number ${i}`,
      label: i % 2 === 0 ? 'spam' : 'ham',
    }));

  it.each([
    ['[FWD]', ['fwd']],
    ['', []],
  ])('are found: %s', async (mark, expected) => {
    await using room = await openReportRoom();
    const types = { text: 'VARCHAR', label: 'VARCHAR' };
    const file = await room.write(types, { text: 'TEXT', label: 'LABEL' }, rowsWith(mark));
    const findings = await findGiveAwayWords(room.tools, file, 'train', { rows: 1000, seed: 1 }, 200);
    expect(findings.map((each) => each.severity)).toEqual(expected.map(() => 'WARNING'));
    expect(findings.map((each) => each.examples[0]?.detail)).toEqual(
      expected.map((word) => `“${word}” is in 100 % of the texts with the label “spam”.`),
    );
  });
});

describe('distances from the mean', () => {
  it('are modified z-scores', () => {
    // On a line: distances from the mean 2.2 are 2.2, 1.2, 0.2, 0.8, 2.8 …
    const scores = scoreDistances(distancesFromMean(Float32Array.from([0, 1, 2, 3, 5]), 1));
    // The median distance is 1.2, and the median of |distance − 1.2| = {1, 0, 1, 0.4, 1.6} is 1.
    const expected = [2.2, 1.2, 0.2, 0.8, 2.8].map((distance) => 0.6745 * (distance - 1.2));
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i]!, 9);
  });
});
