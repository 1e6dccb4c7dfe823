import { pick, seeded } from '../../personal-data/draw.js';
import { plantedTexts } from '../../personal-data/planted.js';
import { dealRows, labelledTypes, openCleanRows } from './clean-rows.js';
import type { PlantedVersion } from './planted-version.js';
import { garbledTexts, sentencesOf, shuffled, topics } from './real-texts.js';

const ofEach = 8;

/** Gaps, damaged and personal texts and numbers, each in rows of their own; what tells the label stays. */
export function plantInTexts(seed: number): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random).rows(500);
  const deal = dealRows(random, rows);
  const append = (text: string) => {
    const [row] = deal('train', 1);
    rows[row!]!.text += ` ${text}`;
    return row!;
  };
  const missing = deal('train', ofEach);
  for (const [i, row] of missing.entries()) rows[row]![i % 2 === 0 ? 'text' : 'label'] = null;
  const damaged = shuffled(random, garbledTexts).slice(0, ofEach).map(append);
  // Sound sentences of all languages have accents, quotes and symbols, too.
  for (const sentences of Object.values(sentencesOf)) append(pick(random, sentences));
  const personal: number[] = [];
  for (const { text, planted } of plantedTexts(random, 1)) {
    const row = append(text);
    if (planted !== undefined) personal.push(row);
  }
  const numbers = deal('train', ofEach);
  for (const [i, row] of numbers.entries()) rows[row]!.score = [1e6, -4000, 350, 999][i % 4]!;
  const notFinite = deal('train', ofEach);
  for (const [i, row] of notFinite.entries()) rows[row]!.score = ['NaN', 'inf', '-inf'][i % 3]!;
  return {
    name: `damaged and personal texts, numbers, seed ${seed}`,
    types: labelledTypes,
    rows: rows.map((row) => ({ ...row })),
    planted: {
      MISSING_VALUES: missing,
      DAMAGED_ENCODING: damaged,
      PERSONAL_DATA: personal,
      NUMBER_OUTLIERS: numbers,
      NON_FINITE_NUMBERS: notFinite,
    },
  };
}

/** Damaged and personal values in columns beside the texts, of which no model learns. */
export function plantBesideTexts(seed: number): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random).rows(200);
  const deal = dealRows(random, rows);
  const notes = new Map<number, string>();
  const personal: number[] = [];
  for (const { text, planted } of plantedTexts(random, 1)) {
    const [row] = deal('train', 1);
    notes.set(row!, text);
    if (planted !== undefined) personal.push(row!);
  }
  const damaged = deal('train', 4);
  for (const [i, row] of damaged.entries()) notes.set(row, garbledTexts[(7 * seed + i) % garbledTexts.length]!);
  const written = deal('test', ofEach);
  const contacts = new Map(written.map((row, i) => [row, i % 2 === 0 ? `reader${i}@site.org` : `+49 30 12345${i}7`]));
  const sentences = Object.values(sentencesOf).flat();
  return {
    name: `columns beside texts, seed ${seed}`,
    types: { ...labelledTypes, notes: 'VARCHAR', contact: 'VARCHAR' },
    rows: rows.map((row, i) => ({
      ...row,
      notes: notes.get(i) ?? pick(random, sentences),
      contact: contacts.get(i) ?? `desk ${i % 9}`,
    })),
    planted: { PERSONAL_DATA: [...personal, ...written], DAMAGED_ENCODING: damaged },
    hasFeatures: false,
  };
}

/** Blank, foreign, short and long texts among others; without labels, which no such text has. */
export function plantOddTexts(seed: number): PlantedVersion {
  const random = seeded(seed);
  const { rows: write, glosses } = openCleanRows(random);
  const rows = write(400);
  const deal = dealRows(random, rows);
  const blank = deal('train', ofEach);
  for (const [i, row] of blank.entries()) rows[row]!.text = ['', ' ', '\t\r\n', '\u00a0', '\u2003\u3000'][i % 5]!;
  const foreign = deal('train', ofEach);
  const languages = [pick(random, ['de', 'fr', 'es']), pick(random, ['cs', 'pl', 'tr'])];
  for (const [i, row] of foreign.entries()) {
    const sentences = sentencesOf[languages[i % 2]!]!;
    rows[row]!.text = sentences.filter((_, n) => n !== i >> 1).join(' ');
  }
  const lengths = deal('train', ofEach);
  for (const [i, row] of lengths.entries()) {
    const text = glosses.next(pick(random, topics), i % 2 === 0 ? 1 : 60);
    rows[row]!.text = i % 2 === 0 ? text.slice(0, 12) : text;
  }
  return {
    name: `odd texts, seed ${seed}`,
    types: { text: 'VARCHAR', author: 'VARCHAR' },
    rows: rows.map(({ text, author, split }) => ({ text, author, split })),
    planted: {
      EMPTY_TEXTS: blank,
      MIXED_LANGUAGES: foreign,
      LENGTH_OUTLIERS: lengths,
    },
    // All of these texts are far from the others: more than the ten that a finding shows.
    hasFeatures: false,
  };
}

/** A word again and again, as somebody writes who tries a form. */
const repeated = ['click', 'asdf', 'null', '0x7ffe', 'zyzzyva', 'lorem', 'more', 'test'];

/** Texts that are no sentences, among others of the usual lengths. */
export function plantRepetitions(seed: number, count = 300): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random).rows(count);
  const planted = dealRows(random, rows)('train', repeated.length);
  for (const [i, row] of planted.entries()) rows[row]!.text = `${repeated[i]} `.repeat(40);
  return {
    name: `repetitions, seed ${seed}`,
    types: { text: 'VARCHAR' },
    rows: rows.map(({ text, split }) => ({ text, split })),
    planted: { EMBEDDING_OUTLIERS: planted },
  };
}
