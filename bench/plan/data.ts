import { readSpamEmails } from '../../src/demo/spam-emails.js';
import { readWordGlosses } from '../../src/demo/wordnet-glosses.js';
import type { Splits } from '../heads/data.js';
import { cut, shuffled } from '../heads/data.js';

/** Rows of a dataset version: names and DuckDB types of columns, and rows by split. */
export interface DuckRows {
  readonly columns: Readonly<Record<string, string>>;
  readonly splits: Splits;
}

/** Sizes of the splits. */
export interface Counts {
  readonly train: number;
  readonly validation: number;
}

/** Definitions of WordNet, some ten words each, with what they define. */
export async function glosses(counts: Counts): Promise<DuckRows> {
  const all = await readWordGlosses();
  const rows = shuffled(
    all.map(({ text, word, partOfSpeech: part, supersense: sense }) => ({ text, word, part, sense })),
  );
  const columns = { text: 'VARCHAR', word: 'VARCHAR', part: 'VARCHAR', sense: 'VARCHAR' };
  return { columns, splits: cut(rows, { ...counts, test: 0 }, 'WordNet') };
}

/** Pairs of a word and a definition, its own or another's, with a number: how many words the definition has. */
export async function pairs(counts: Counts): Promise<DuckRows> {
  const { splits } = await glosses(counts);
  const paired = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    rows.map(({ word, text }) => ({ first: word, second: text, words: String(text).split(' ').length }));
  return {
    columns: { first: 'VARCHAR', second: 'VARCHAR', words: 'DOUBLE' },
    splits: { train: paired(splits.train), validation: paired(splits.validation), test: [] } as never,
  };
}

/** Definitions as words, with a tag each: whether a word is long. */
export async function tagged(counts: Counts): Promise<DuckRows> {
  const { splits } = await glosses(counts);
  const tags = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    rows.map(({ text }) => {
      const words = String(text).split(/\s+/u);
      return { words, tags: words.map((word) => (word.length > 6 ? 'long' : 'short')) };
    });
  return {
    columns: { words: 'VARCHAR[]', tags: 'VARCHAR[]' },
    splits: { train: tags(splits.train), validation: tags(splits.validation), test: [] } as never,
  };
}

/** E-mails, some hundred words each. */
export async function emails(counts: Counts): Promise<DuckRows> {
  const rows = shuffled((await readSpamEmails()).map(({ text, label }) => ({ text, label })));
  return {
    columns: { text: 'VARCHAR', label: 'VARCHAR' },
    splits: cut(rows, { ...counts, test: 0 }, 'SpamAssassin'),
  };
}
