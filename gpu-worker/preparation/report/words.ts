import type { LengthDistribution, VocabularyCoverage } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { runPattern, runsOf } from '../../../src/protocol/runs-of.js';
import type { Tokenizer } from '../../../src/tokenizer/index.js';
import { growing } from '../../data/growing.js';
import { countWords } from '../text/count-words.js';
import { counted, named, percent } from '../wording.js';
import { createFinding } from './finding.js';
import { distributeLengths } from './lengths.js';
import type { ReadRow } from './scan-texts.js';

/** How a model reads texts. */
export interface ModelReading {
  readonly tokenizer: Pick<Tokenizer, 'encodeIds'>;
  /** The id of the token for what the vocabulary lacks; null: it lacks nothing. */
  readonly unknownId: number | null;
  /** The most tokens that the model reads of an example; null: as many as there are. */
  readonly maxLength: number | null;
}

/** Longer examples count as this long. */
const mostTokens = 65_536;

/** Words whose pieces are remembered, and words that are listed. */
const mostWords = 200_000;
const listedWords = 50;

/** Words of this many pieces or more are split into many. */
const manyPieces = 5;

const spaceless = runPattern('[^\\p{White_Space}]');

interface Word {
  count: number;
  readonly pieces: number;
  readonly unknown: number;
}

/**
 * Measures texts in words, and examples in a model's tokens.
 *
 * @param columns of the texts that are read, in their order
 * @param inputs positions among them of the texts that a model reads together, at most two
 */
export function measureWords(columns: readonly string[], inputs: readonly number[], model: ModelReading | null) {
  type Lengths = ReturnType<typeof growing<Int32Array>>;
  const words = columns.map(() => new Map<string, Lengths>());
  const tokens = new Map<string, Lengths>();
  const known = new Map<string, Word>();
  const totals = { rows: 0, words: 0, pieces: 0, unknown: 0 };

  function readWords(text: string, reading: ModelReading | null): number {
    if (reading === null) return countWords(text);
    let count = 0;
    for (const { start, end } of runsOf(text, spaceless)) {
      count++;
      readWord(text.slice(start, end), reading);
    }
    return count;
  }

  function readWord(word: string, { tokenizer, unknownId }: ModelReading): void {
    let entry = known.get(word);
    if (entry === undefined) {
      // With the space before it, since some vocabularies tell the beginnings of words from their middles.
      const { ids } = tokenizer.encodeIds(` ${word}`, null, {
        maxLength: mostTokens,
        truncationSide: 'right',
        addSpecialTokens: false,
      });
      entry = { count: 0, pieces: ids.length, unknown: ids.filter((id) => id === unknownId).length };
      if (known.size < mostWords) known.set(word, entry);
    }
    entry.count++;
    totals.words++;
    totals.pieces += entry.pieces;
    totals.unknown += entry.unknown;
  }

  const append = (to: Map<string, Lengths>, split: string, length: number) => {
    const lengths = to.get(split) ?? growing(Int32Array, 1024);
    lengths.append([length]);
    to.set(split, lengths);
  };
  const distributionOf = (
    lengths: Map<string, Lengths>,
    place: { readonly columns: readonly string[]; readonly unit: 'WORDS' | 'TOKENS' },
    maxLength: number | null,
  ) =>
    [...lengths]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([split, all]) => distributeLengths({ ...place, split }, all.all().sort(), maxLength));

  return {
    read({ split, texts }: ReadRow): void {
      for (const [i, text] of texts.entries()) {
        if (text !== null) append(words[i]!, split, readWords(text, inputs.includes(i) ? model : null));
      }
      const [first, second] = inputs.map((i) => texts[i] ?? null);
      if (model === null || first == null) return;
      totals.rows++;
      const { ids } = model.tokenizer.encodeIds(first, second ?? null, {
        maxLength: mostTokens,
        truncationSide: 'right',
      });
      append(tokens, split, ids.length);
    },

    lengths(): LengthDistribution[] {
      const read = inputs.map((i) => columns[i]!);
      return [
        ...columns.flatMap((column, i) => distributionOf(words[i]!, { columns: [column], unit: 'WORDS' }, null)),
        ...distributionOf(tokens, { columns: read, unit: 'TOKENS' }, model?.maxLength ?? null),
      ];
    },

    vocabulary(): VocabularyCoverage | null {
      if (model === null) return null;
      const entries = [...known].map(([word, entry]) => ({ word: word.slice(0, 100), ...entry }));
      const mostFrequent = <Entry extends { word: string; count: number }>(all: Entry[]) =>
        all.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1)).slice(0, listedWords);
      return {
        rows: totals.rows,
        words: totals.words,
        tokens: totals.pieces,
        tokensPerWord: totals.words === 0 ? 0 : totals.pieces / totals.words,
        unknownTokens: totals.unknown,
        unknownShare: totals.pieces === 0 ? 0 : totals.unknown / totals.pieces,
        unknownWords: mostFrequent(entries.filter(({ unknown }) => unknown > 0)).map(({ word, count }) => ({
          word,
          count,
        })),
        splitWords: mostFrequent(entries.filter(({ pieces }) => pieces >= manyPieces)).map(
          ({ word, pieces, count }) => ({
            word,
            pieces,
            count,
          }),
        ),
      };
    },
  };
}

/**
 * Examples that a model does not read to the end, and words that it has no token for. No step mends either: to drop
 * what is cut off would drop most of a split.
 */
export function findUnread(
  columns: readonly string[],
  lengths: readonly LengthDistribution[],
  vocabulary: VocabularyCoverage | null,
): ReportFinding[] {
  const findings: ReportFinding[] = [];
  for (const { truncation, texts, split } of lengths) {
    // As the finding of runs has it: more than half.
    if (truncation === null || 2 * truncation.texts <= texts) continue;
    findings.push(
      createFinding({
        code: 'MOST_TEXTS_TRUNCATED',
        severity: 'WARNING',
        message: `${counted(truncation.texts, 'example')} of ${counted(texts, 'example')} (${percent(truncation.share)}) in the split ${named([split])} ${truncation.texts === 1 ? 'is' : 'are'} longer than the ${counted(truncation.maxLength, 'token')} that the model reads.`,
        columns,
        splits: [split],
        count: truncation.texts,
        of: texts,
      }),
    );
  }
  // One in a hundred tokens is what is lost of a text in another script, or of one with many symbols.
  if (vocabulary !== null && vocabulary.unknownShare >= 0.01) {
    const { unknownTokens, tokens, unknownShare, unknownWords } = vocabulary;
    findings.push(
      createFinding({
        code: 'UNKNOWN_TOKENS',
        severity: unknownShare >= 0.05 ? 'WARNING' : 'NOTICE',
        message: `The model has no token for ${counted(unknownTokens, 'piece')} of ${counted(tokens, 'piece')} (${percent(unknownShare)}) of the texts, most often in ${named(unknownWords.map(({ word }) => word))}.`,
        columns,
        count: unknownTokens,
        of: tokens,
      }),
    );
  }
  return findings;
}
