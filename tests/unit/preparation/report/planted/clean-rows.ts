import { below, type Random } from '../../personal-data/draw.js';
import { openGlosses, shuffled, type Topic, topics } from './real-texts.js';

export interface LabelledRow {
  text: string | null;
  label: string | null;
  author: string | null;
  score: number | string | null;
  split: string;
}

export const labelledTypes = { text: 'VARCHAR', label: 'VARCHAR', author: 'VARCHAR', score: 'DOUBLE' };

/** Rows without a fault: five glosses of a topic, the topic, who wrote them and a number around 50. */
export function openCleanRows(random: Random) {
  const glosses = openGlosses(random);
  const written = (topic: Topic, split: string): LabelledRow => ({
    text: glosses.next(topic, 5),
    label: topic,
    // Nobody wrote texts of two splits.
    author: `${split} author ${below(random, 12)}`,
    score: 50 + Math.round(20 * (random() + random() + random() - 1.5)),
    split,
  });
  return {
    glosses,
    written,
    /** Of ten rows, seven are for training, two for the test and one for validation. */
    rows: (count: number): LabelledRow[] =>
      Array.from({ length: count }, (_, i) => {
        const split = i % 10 < 7 ? 'train' : i % 10 < 9 ? 'test' : 'validation';
        return written(topics[below(random, topics.length)]!, split);
      }),
  };
}

/** Deals rows of a split, each once, in a random order. */
export function dealRows(random: Random, rows: readonly LabelledRow[]) {
  const left = new Map<string, number[]>();
  for (const split of ['train', 'test', 'validation']) {
    const own = [...rows.keys()].filter((row) => rows[row]!.split === split);
    left.set(split, shuffled(random, own));
  }
  return (split: string, count: number): number[] => left.get(split)!.splice(0, count);
}
