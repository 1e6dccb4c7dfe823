import { linesOf, type Row, type SplitCounts, type Splits, shuffled } from './data.js';

/**
 * GoEmotions (Demszky et al. 2020, arXiv:2005.00547): comments from Reddit with one or several of 27 emotions, or
 * neutral.
 *
 * @param folder with train.tsv and dev.tsv (text, numbers of labels with commas, id; no header line) and labels.txt,
 * the labels' names in the order of their numbers. Training and validation rows are from train.tsv, test rows from
 * dev.tsv.
 */
export function readGoEmotions(folder: string, counts: SplitCounts): Splits {
  const names = linesOf(folder, 'labels.txt').map((name) => name.trim());
  const read = (file: string, count: number): Row[] => {
    const rows = linesOf(folder, file).map((line): Row => {
      const [text = '', numbers = ''] = line.split('\t');
      return { text, emotions: numbers.split(',').map((number) => names[Number(number)] ?? '') };
    });
    if (rows.length < count) throw new Error(`GoEmotions: ${file} has ${rows.length} rows, ${count} are wanted.`);
    return shuffled(rows).slice(0, count);
  };
  const known = read('train.tsv', counts.train + counts.validation);
  return {
    train: known.slice(0, counts.train),
    validation: known.slice(counts.train),
    test: read('dev.tsv', counts.test),
  };
}
