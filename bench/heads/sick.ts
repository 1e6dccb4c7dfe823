import { cut, linesOf, type Row, type SplitCounts, type Splits, shuffled } from './data.js';

/**
 * SICK (Marelli et al. 2014, "A SICK cure for the evaluation of compositional distributional semantic models"): pairs
 * of sentences with their relatedness, the mean of ten people's marks from 1 to 5, and whether the first entails the
 * second.
 *
 * @param folder with train.tsv, a header line before its rows: pair_ID, sentence_A, sentence_B, relatedness_score,
 * entailment_judgment. All splits are cut from it.
 */
export function readSick(folder: string, counts: SplitCounts): Splits {
  const rows = linesOf(folder, 'train.tsv')
    .slice(1)
    .map((line): Row => {
      const [, first = '', second = '', relatedness = '', entailment = ''] = line.trimEnd().split('\t');
      return { first, second, relatedness: Number(relatedness), entailment };
    });
  return cut(shuffled(rows), counts, 'SICK');
}
