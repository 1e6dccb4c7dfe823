import { describe, expect, it } from 'vitest';
import { createHashedWords } from '../../../../gpu-worker/preparation/report/hashed-words.js';
import { reportGuessed, reportOf, reportTexts } from '../../../support/reports.js';

/** The texts of a finding in a column of texts of these lengths. */
async function oddLengths(lengths: readonly number[]) {
  const rows = lengths.map((length, i) => ({ text: `${i} ${'x'.repeat(1000)}`.slice(0, length) }));
  const { findings } = await reportOf({ text: 'VARCHAR' }, { text: 'TEXT' }, rows);
  return findings.filter(({ code }) => code === 'LENGTH_OUTLIERS').map(({ count }) => count);
}

async function oddNumbers(values: readonly number[]) {
  const rows = values.map((value, i) => ({ text: `text ${i}`, value }));
  const types = { text: 'VARCHAR', value: 'DOUBLE' };
  const { findings } = await reportOf(types, { text: 'TEXT', value: 'NUMBER' }, rows);
  return findings.filter(({ code }) => code === 'NUMBER_OUTLIERS').map(({ count }) => count);
}

const repeat = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

describe('what is no outlier', () => {
  it('are texts a few characters shorter or longer than the others', async () => {
    const nearlyEqual = Array.from({ length: 200 }, (_, i) => 21 + (i % 3));
    expect(await oddLengths([...nearlyEqual, 6, 35, 40])).toEqual([]);
    expect(await oddLengths([...nearlyEqual, 6, 35, 90])).toEqual([1]);
    // 100 characters are far from 200 by their variance, and texts of the same kind.
    expect(await oddLengths([...repeat(200, 200), 100, 300])).toEqual([]);
  });

  it('is a second kind of texts', async () => {
    const nearlyEqual = Array.from({ length: 95 }, (_, i) => 21 + (i % 3));
    expect(await oddLengths([...nearlyEqual, ...repeat(5, 400)])).toEqual([5]);
    expect(await oddLengths([...nearlyEqual, ...repeat(6, 400)])).toEqual([]);
  });

  it('is a rare number among others that are nearly all equal', async () => {
    expect(await oddNumbers([...repeat(96, 5), 1, 2, 3, 4])).toEqual([]);
    expect(await oddNumbers([...repeat(97, 0), 1, 1, 1])).toEqual([]);
    expect(await oddNumbers([...repeat(94, 0), 0.1, 0.2, 0.1, 0.2, 1e6])).toEqual([1]);
    expect(await oddNumbers([...repeat(99, 5), 1e6])).toEqual([1]);
    expect(await oddNumbers([...repeat(50, 1e308), -1e308])).toEqual([]);
  });

  it('is a second kind of texts by its features, or one that is hardly farther from the middle', async () => {
    const far = async (texts: readonly string[]) => {
      const rows = texts.map((text) => ({ text }));
      const { findings } = await reportOf({ text: 'VARCHAR' }, { text: 'TEXT' }, rows, {
        encoder: createHashedWords(128),
      });
      return findings.filter(({ code }) => code === 'EMBEDDING_OUTLIERS').map(({ count }) => count);
    };
    const usual = Array.from(
      { length: 95 },
      (_, i) => `the ${['red', 'blue'][i % 2]} ball of the ${['big', 'small', 'old'][i % 3]} dog`,
    );
    const other = (i: number) => `${'zyzzyva '.repeat(3)}${i}`;
    expect(await far([...usual, ...Array.from({ length: 4 }, (_, i) => other(i))])).toEqual([4]);
    expect(await far([...usual, ...Array.from({ length: 30 }, (_, i) => other(i))])).toEqual([]);
    expect(await far([...repeat(95, usual[0]!), ...usual.slice(0, 20), 'the red ball of the fat dog'])).toEqual([]);
  });
});

describe('what is no gap', () => {
  const types = { instruction: 'VARCHAR', input: 'VARCHAR', output: 'VARCHAR' };
  const tasks = (nothing: string | null) =>
    Array.from({ length: 200 }, (_, i) => ({
      instruction: `Translate the sentence number ${i} into another language, or write one of ${i + 3} words`,
      input: i % 5 < 3 ? nothing : `The sentence number ${i} is about a dog of ${i + 2} years`,
      output: `Here is what you asked for, in ${i + 4} words of a language`,
    }));

  it('is an empty input beside an instruction', async () => {
    const { columns, findings } = await reportGuessed(types, tasks(''));
    expect(columns.map(({ role }) => role)).toEqual(['PROMPT', 'SECOND_TEXT', 'COMPLETION']);
    expect(findings.filter(({ code }) => code === 'EMPTY_TEXTS')).toEqual([]);
    const missing = (await reportGuessed(types, tasks(null))).findings.filter(({ code }) => code === 'MISSING_VALUES');
    expect(missing).toMatchObject([{ severity: 'NOTICE', columns: ['input'], count: 120, suggestedStep: null }]);
  });

  it('is dropped with most of the rows', async () => {
    const stepsOf = async (gap: string | null, every: number) => {
      const rows = Array.from({ length: 60 }, (_, i) => ({
        text: i % every === 0 ? gap : `a text ${i}`,
        label: `${i % 2}`,
      }));
      const { findings } = await reportTexts(rows);
      const found = findings.filter(({ code }) => code === 'EMPTY_TEXTS' || code === 'MISSING_VALUES');
      return found.map(({ count, suggestedStep }) => [count, suggestedStep?.kind ?? null]);
    };
    for (const gap of [' ', null]) {
      expect(await stepsOf(gap, 1)).toEqual([[60, null]]);
      expect(await stepsOf(gap, 2)).toEqual([[30, 'dropMissing']]);
    }
  });
});
