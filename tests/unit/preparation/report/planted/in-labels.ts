import { seeded } from '../../personal-data/draw.js';
import { openCleanRows } from './clean-rows.js';
import type { Places, PlantedVersion } from './planted-version.js';
import { type Topic, topics } from './real-texts.js';

const [body, food, communication, event] = topics;
const types = { text: 'VARCHAR', label: 'VARCHAR' };

/** How many rows of which topic in which split. */
type Counts = Readonly<Record<string, Partial<Readonly<Record<Topic, number>>>>>;

const even: Counts = {
  train: { [body]: 40, [food]: 40, [communication]: 40, [event]: 40 },
  test: { [body]: 10, [food]: 10, [communication]: 10, [event]: 10 },
};
const withTrain = (counts: Counts[string]): Counts => ({ ...even, train: { ...even.train, ...counts } });

/** Versions that have a fault as a whole, and beside each one that only just has not. */
export function plantInLabels(seed: number): PlantedVersion[] {
  let versions = 0;
  const version = (name: string, counts: Counts, planted: Places): PlantedVersion => {
    const { written } = openCleanRows(seeded(100 * seed + versions++));
    const rows = Object.entries(counts).flatMap(([split, ofSplit]) =>
      Object.entries(ofSplit).flatMap(([topic, count]) =>
        Array.from({ length: count }, () => ({ ...written(topic as Topic, split) })),
      ),
    );
    return {
      name: `${name}, seed ${seed}`,
      types,
      rows,
      planted,
      hasFeatures: false,
    };
  };
  /** Changes the texts of some rows of a topic and split. */
  const edit = (
    name: string,
    planted: Places,
    change: (row: { text: string; label: string; split: string }, position: number) => string,
    maxLength?: number,
  ): PlantedVersion => {
    const made = version(name, even, planted);
    const seen = new Map<string, number>();
    const rows = made.rows.map((row) => {
      const { text, label, split } = row as unknown as { text: string; label: string; split: string };
      const position = seen.get(`${label} ${split}`) ?? 0;
      seen.set(`${label} ${split}`, position + 1);
      return { text: change({ text, label, split }, position), label, split };
    });
    return { ...made, rows, ...(maxLength && { maxLength }) };
  };
  const spelt = version('one class in two spellings', { train: { [body]: 60 }, test: { [body]: 15 } }, {});
  const variants = [4, 14, 24, 34];
  /** A mark in this share of the texts of a topic, in percent. */
  const marked = (of: Topic, percent: number) => (row: { text: string; label: string }, position: number) =>
    row.label === of && (position * 37) % 100 < percent ? `Newsdesk. ${row.text}` : row.text;
  const onlyBody = { train: { [body]: 60 } };
  return [
    version('one class', { ...even, ...onlyBody }, { SINGLE_CLASS: ['train'], CLASS_MISSING_IN_SPLIT: ['train'] }),
    {
      ...spelt,
      rows: spelt.rows.map((row, i) => (variants.includes(i) ? { ...row, label: body.toUpperCase() } : row)),
      planted: { SINGLE_CLASS: ['train'], LABEL_VARIANTS: variants },
    },
    version('even', even, {}),
    version('few', withTrain({ [event]: 9 }), { FEW_EXAMPLES: [event] }),
    version('nearly few', withTrain({ [event]: 10 }), {}),
    version(
      'a class is missing',
      { ...even, validation: { [food]: 5, [body]: 5, [event]: 5 } },
      {
        CLASS_MISSING_IN_SPLIT: ['validation'],
      },
    ),
    version('unequal', withTrain({ [body]: 100, [event]: 10 }), { IMBALANCED_LABELS: ['train'] }),
    version('nearly unequal', withTrain({ [body]: 99, [event]: 10 }), {}),
    edit('a mark', { WORD_GIVES_LABEL_AWAY: ['train'] }, marked(body, 60)),
    edit('a rare mark', {}, marked(body, 40)),
    edit('a mark of both', {}, (row, position) =>
      marked(food, 20)({ ...row, text: marked(body, 60)(row, position) }, position),
    ),
    edit('cut off', { MOST_TEXTS_TRUNCATED: ['train'] }, ({ text, split }, i) => cut(text, split, i < 21), 24),
    edit('half cut off', {}, ({ text, split }, i) => cut(text, split, i < 20), 24),
    edit('unknown', { UNKNOWN_TOKENS: ['all'] }, ({ text }) => `${text} ☃ ☃ ☃`),
    edit('hardly unknown', {}, ({ text }, i) => (i % 3 === 0 ? `${text} ☃` : text)),
  ];
}

/** About 60 tokens, or about 10; texts of the test are short. */
function cut(text: string, split: string, isLong: boolean): string {
  return text
    .split(' ')
    .slice(0, isLong && split === 'train' ? 50 : 7)
    .join(' ');
}
