import { linesOf, type Row, type SplitCounts, type Splits, shuffled } from './data.js';

/**
 * SNIPS (Coucke et al. 2018, arXiv:1805.10190) in the splits of Goo et al. 2018: what is said to a voice assistant, a
 * tag for each word (IOB2) and one of seven intents.
 *
 * @param folder with train, valid and test, in each the files seq.in, seq.out and label, a sentence a line
 */
export function readSnips(folder: string, counts: SplitCounts): Splits {
  const split = (name: string, count: number): Row[] => {
    const [sentences, tags, intents] = ['seq.in', 'seq.out', 'label'].map((file) => linesOf(folder, name, file));
    const rows = sentences!.map((sentence, line): Row => {
      return { words: wordsOf(sentence), tags: wordsOf(tags![line] ?? ''), intent: (intents![line] ?? '').trim() };
    });
    if (rows.length < count) throw new Error(`SNIPS: ${name} has ${rows.length} rows, ${count} are wanted.`);
    return shuffled(rows).slice(0, count);
  };
  return {
    train: split('train', counts.train),
    validation: split('valid', counts.validation),
    test: split('test', counts.test),
  };
}

function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}
