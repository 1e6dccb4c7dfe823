import { pick, type Random, seeded } from '../../personal-data/draw.js';
import { dealRows, type LabelledRow, labelledTypes, openCleanRows } from './clean-rows.js';
import type { PlantedVersion } from './planted-version.js';
import { topics } from './real-texts.js';

const ofEach = 8;

/** What people and programs do to a text that they copy. */
const respelt: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => ` ${text.replace(' ', '  ')}`,
  (text) => text.replaceAll(' ', '\u00a0'),
  (text) => `${text}\r\n`,
  (text) => text.replace(' ', '\n\t'),
  (text) => text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  (text) => text.toLowerCase(),
];

/** Changes that leave most of a text: another word, a word more, the last word gone. */
const nearly: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => changeWords(text, random, (word) => `${word}ish`),
  (text, random) => changeWords(text, random, (word) => `${word} indeed`),
  (text) => text.slice(0, text.lastIndexOf(' ')),
  (text) => `Edited: ${text}`,
];

function changeWords(text: string, random: Random, change: (word: string) => string): string {
  const words = text.split(' ');
  const at = 1 + Math.floor(random() * (words.length - 2));
  words[at] = change(words[at]!);
  return words.join(' ');
}

/** Copies, leaks, conflicting and variant labels and divided groups, each in rows of their own. */
export function plantCopies(seed: number): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random).rows(500);
  const deal = dealRows(random, rows);

  /** Rows of a split that become copies of rows of the training; within a split, the later one does. */
  const copy = (split: string, count: number, change: (text: string) => string): number[] =>
    deal(split, count).map((row) => {
      const [other] = deal('train', 1);
      const [first, second] = split === 'train' && other! > row ? [row, other!] : [other!, row];
      const { label, score, text } = rows[first]!;
      Object.assign(rows[second]!, { label, score, text: change(text!) } satisfies Partial<LabelledRow>);
      return second;
    });
  const respell = (text: string) => {
    const changed = respelt.map((change) => change(text)).filter((other) => other !== text);
    return pick(random, changed);
  };
  const nearCopy = (text: string) => pick(random, nearly)(text, random);

  const exact = copy('train', 5, (text) => text);
  const normalized = copy('train', ofEach, respell);
  const near = copy('train', ofEach, nearCopy);
  const leaks = [...copy('test', 5, respell), ...copy('validation', 3, (text) => text)];
  const nearLeaks = [...copy('test', 5, nearCopy), ...copy('validation', 3, nearCopy)];
  const conflicting = copy('train', 4, (text) => text);
  const conflicts = conflicting.flatMap((row) => [row, rows.findIndex(({ text }) => text === rows[row]!.text)]);
  for (const row of conflicting) turnLabel(rows[row]!, random);
  const variants = deal('train', ofEach);
  for (const [i, row] of variants.entries()) {
    const { label } = rows[row]!;
    rows[row]!.label = i % 2 === 0 ? label!.toUpperCase() : ` ${label}`;
  }
  const divided = [...deal('test', 5), ...deal('validation', 3)];
  for (const [i, row] of divided.entries()) rows[row]!.author = `train author ${i}`;
  return {
    name: `copies and labels, seed ${seed}`,
    types: labelledTypes,
    rows: rows.map((row) => ({ ...row })),
    planted: {
      EXACT_DUPLICATES: [...exact, ...conflicting],
      NORMALIZED_DUPLICATES: normalized,
      NEAR_DUPLICATES: near,
      DUPLICATES_ACROSS_SPLITS: leaks,
      NEAR_DUPLICATES_ACROSS_SPLITS: nearLeaks,
      LABEL_CONFLICTS: conflicts,
      LABEL_VARIANTS: variants,
      GROUP_IN_SEVERAL_SPLITS: divided,
    },
    // One of two labels is wrong.
    alsoTrue: { LIKELY_LABEL_ERRORS: conflicts },
  };
}

/** Texts of which `wrong` have the label of another topic. */
export function plantWrongLabels(seed: number, count = 600, wrong = 10): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random).rows(count);
  const turned = dealRows(random, rows)('train', wrong);
  for (const row of turned) turnLabel(rows[row]!, random);
  return {
    name: `wrong labels, seed ${seed}`,
    types: labelledTypes,
    rows: rows.map((row) => ({ ...row })),
    planted: { LIKELY_LABEL_ERRORS: turned },
  };
}

function turnLabel(row: LabelledRow, random: Random): void {
  row.label = pick(
    random,
    topics.filter((topic) => topic !== row.label),
  );
}
