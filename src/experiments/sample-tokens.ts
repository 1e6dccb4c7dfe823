import { setImmediate as turn } from 'node:timers/promises';
import type { SampledTexts } from '../datasets/dataset-commands.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { type EncodeOptions, type Tokenizer, TokenizerError } from '../tokenizer/index.js';
import type { SampleEncoding, TokenCounts } from './experiment-plan.js';

/**
 * How many texts are tokenized between two turns of the event loop: some milliseconds, so that a plan does not delay
 * other requests.
 */
const textsATurn = 16;

/**
 * How many characters of all documents of a sample are tokenized, in equal shares, and how many of one: a second's
 * work. The rest of a longer document counts in proportion.
 */
const readCharacters = { ofSample: 2 ** 19, ofDocument: 2 ** 16 };

/** Tokens of sampled examples. */
export interface SampledTokens {
  readonly counts: TokenCounts;
  /** Of each, before truncation. */
  readonly lengths: readonly number[];
  readonly example: SampleEncoding | null;
}

/**
 * Counts tokens of sampled examples, and shows one example as the model would read it. Counting stops at the context
 * length: further tokens would cost time, and training never sees them. Documents that are divided (`areDivided`) it
 * sees in whole: the length of a long one is estimated from its beginning. Throws ProblemsError for a text that the
 * tokenizer has no tokens for.
 */
export async function sampleTokens(
  sample: readonly SampledTexts[],
  tokenizer: Tokenizer,
  options: {
    readonly maxLength: number;
    readonly contextLength: number;
    readonly truncationSide: 'left' | 'right';
    readonly areDivided: boolean;
  },
): Promise<SampledTokens> {
  const { maxLength, truncationSide } = options;
  const longest = Math.max(maxLength, options.contextLength);
  const characters = Math.min(readCharacters.ofDocument, Math.floor(readCharacters.ofSample / sample.length));
  const lengths: number[] = [];
  let truncatedTexts = 0;
  for (const [i, { texts }] of sample.entries()) {
    if (options.areDivided) {
      const length = estimateLength(tokenizer, texts[0]!, characters);
      lengths.push(length);
      if (length > maxLength) truncatedTexts += 1;
    } else {
      const { ids, truncated } = encodeOrRefuse(tokenizer, texts, { maxLength: longest, truncationSide });
      lengths.push(ids.length);
      if (truncated || ids.length > maxLength) truncatedTexts += 1;
    }
    if (options.areDivided || i % textsATurn === textsATurn - 1) await turn();
  }
  const [first] = sample;
  return {
    counts: countsOf(lengths, maxLength, truncatedTexts),
    lengths,
    example:
      first === undefined
        ? null
        : {
            row: first.row,
            texts: first.texts,
            encoding: tokenizer.encode(first.texts[0]!, first.texts[1] ?? null, { maxLength, truncationSide }),
            tokenizer,
          },
  };
}

/** Tokens of a whole document, of which only so many characters are read. */
function estimateLength(tokenizer: Tokenizer, text: string, characters: number): number {
  const read = text.slice(0, characters);
  const { ids } = encodeOrRefuse(tokenizer, [read], { maxLength: Number.MAX_SAFE_INTEGER, truncationSide: 'right' });
  return read.length === text.length ? ids.length : Math.round((ids.length * text.length) / read.length);
}

function encodeOrRefuse(tokenizer: Tokenizer, texts: readonly string[], options: EncodeOptions) {
  try {
    return tokenizer.encodeIds(texts[0]!, texts[1] ?? null, options);
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error;
    throw new ProblemsError([problem(['method'], 'INVALID_VALUE', error.message)]);
  }
}

/** Token counts of examples of these lengths. */
export function countsOf(lengths: readonly number[], maxLength: number, truncatedTexts: number): TokenCounts {
  const sorted = [...lengths].sort((a, b) => a - b);
  const n = sorted.length;
  const mean = (values: readonly number[]) => (n === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / n);
  return {
    sampledExamples: n,
    mean: mean(sorted),
    median: sorted[Math.floor((n - 1) / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
    meanAfterTruncation: mean(sorted.map((length) => Math.min(length, maxLength))),
    truncatedShare: n === 0 ? 0 : truncatedTexts / n,
  };
}
