import { createHash } from 'node:crypto';
import type { TokenEvaluation } from '../../src/protocol/token-evaluation.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { readConversations } from '../data/conversations.js';
import { readDocuments } from '../data/documents.js';
import { maskRows, measuredEpoch } from '../data/mask-rows.js';
import { readMaskableDocuments } from '../data/masked-documents.js';
import { oneSequenceARow } from '../data/pack-sequences.js';
import { readSplitRows, type SplitPart } from '../data/split-rows.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { LoadedModel } from '../models/load-model.js';
import { textEndsOf } from '../models/text-ends.js';
import { writingOf } from '../models/writing-of.js';
import { ProblemError } from '../problem-error.js';
import { readConversationRows } from './conversation-rows.js';

/** More characters than any text has: documents are divided, not cut. */
const allCharacters = 2 ** 32 - 1;

/** Where the rows are. */
export interface EvaluatedRows {
  /** The dataset version's Parquet file. */
  readonly path: string;
  readonly split: string;
  readonly textColumn: string;
  /** A part of the split alone. Default: all of it. */
  readonly part?: SplitPart | null;
  /** Reads no more rows than these: see `SplitQuery`. Default: all. */
  readonly most?: number | null;
}

/** Texts or conversations as a model reads them. A row of tokens holds one, or a part of one. */
export interface TokenTexts {
  readonly tokens: TokenRows;
  /** Of each row of tokens, the number of its row in the dataset version. */
  readonly rowOf: readonly number[];
  /** Bytes of what is predicted in each row of the dataset version; none of masked tokens. */
  readonly bytesOf: ReadonlyMap<number, number>;
  /** Conversations that were cut, or texts that were divided. */
  readonly truncatedCount: number;
  /** Rows without a token to predict. */
  readonly leftOutCount: number;
}

/** The model that reads, and the one by whose chat template conversations are written. */
export interface Readers {
  readonly reader: Pick<LoadedModel, 'manifest' | 'tokenizer'>;
  readonly writer: Pick<LoadedModel, 'manifest' | 'tokenizer'>;
}

/**
 * Reads what a model is to predict, as its training reads the texts that it is measured on: masks are those of the
 * seed. Rows are never packed: the losses are the same, and each token belongs to one row of the data.
 *
 * @param onProgress called often while texts are tokenized
 * @throws ProblemError EMPTY_SPLIT, UNKNOWN_COLUMN, UNLEARNABLE_ROWS, INVALID_VALUE, MISSING_ARTIFACT
 */
export async function readTokenTexts(
  how: TokenEvaluation,
  rows: EvaluatedRows,
  { reader, writer }: Readers,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<TokenTexts> {
  const read =
    how.conversations === null
      ? await readTexts(how, rows, reader, store, onProgress)
      : await readAnswers(how, how.conversations, rows, { reader, writer }, store, onProgress);
  if (read.tokens.targetCounts.every((count) => count === 0)) throw nothingToPredict(rows.split);
  return read;
}

async function readTexts(
  { objective, masking, maxLength, seed }: TokenEvaluation,
  { path, split, textColumn, part = null, most = null }: EvaluatedRows,
  { manifest, tokenizer }: Readers['reader'],
  store: ArtifactStore,
  onProgress: () => void,
): Promise<TokenTexts> {
  const { rows, texts, rowsWithoutText } = await readSplitRows({
    path,
    split: { name: split, path: ['split'] },
    part,
    most,
    textColumn: { name: textColumn, path: ['textColumn'] },
    pairColumn: null,
    targetColumns: [],
    wantsWords: false,
    maxCharacters: allCharacters,
    truncationSide: 'right',
  });
  onProgress();
  if (objective === 'masked') {
    const read = readMaskableDocuments(tokenizer, texts, maxLength, onProgress);
    return {
      tokens: maskRows(read.texts, masking!, { seed, epoch: measuredEpoch }),
      rowOf: read.places.map((place) => rows[place]!),
      bytesOf: new Map(),
      truncatedCount: read.counts.divided,
      leftOutCount: rowsWithoutText + read.counts.empty,
    };
  }
  const ends = await textEndsOf(store, manifest, tokenizer);
  const read = readDocuments(tokenizer, texts, ends, maxLength, onProgress);
  return {
    tokens: oneSequenceARow(read.sequences),
    rowOf: read.places.map((place) => rows[place]!),
    bytesOf: new Map(read.places.map((place) => [rows[place]!, Buffer.byteLength(texts[place]!)])),
    truncatedCount: read.divided,
    leftOutCount: rowsWithoutText + read.empty,
  };
}

async function readAnswers(
  { maxLength, truncationSide }: TokenEvaluation,
  conversations: NonNullable<TokenEvaluation['conversations']>,
  { path, split, part = null, most = null }: EvaluatedRows,
  { reader, writer }: Readers,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<TokenTexts> {
  const formPath = ['tokens', 'conversation'];
  const from = { path, split: { name: split, path: ['split'] }, part, most, formPath };
  const { form, unlearnable } = conversations;
  const { rows, rowsWithoutText } = await readConversationRows(form, from);
  onProgress();
  const writing = await writingOf(conversations, writer, store);
  const how = { form, writing, tokenizer: reader.tokenizer, maxLength, truncationSide };
  const read = readConversations(rows, how, onProgress);
  const [first] = read.unlearnable;
  if (first !== undefined && (unlearnable === 'refuse' || read.count === 0)) {
    throw new ProblemError({
      path: formPath,
      code: read.count === 0 ? 'EMPTY_SPLIT' : 'UNLEARNABLE_ROWS',
      message: `${read.unlearnable.length} of ${rows.length} rows of split “${split}” can not be read: row ${first.row}: ${first.message}`,
      hint:
        read.count === 0
          ? 'Correct the rows, or raise maxLength where answers are cut off.'
          : 'Correct the rows, raise maxLength where answers are cut off, or set `unlearnable: LEAVE_OUT`.',
    });
  }
  const rowOf = read.places.map((place) => rows[place]!.row);
  return {
    tokens: oneSequenceARow(read.sequences),
    rowOf,
    bytesOf: new Map(rowOf.map((row, index) => [row, read.bytesOf[index]!])),
    truncatedCount: read.truncated,
    leftOutCount: rowsWithoutText + read.unlearnable.length,
  };
}

function nothingToPredict(split: string): ProblemError {
  return new ProblemError({
    path: ['split'],
    code: 'EMPTY_SPLIT',
    message: `no row of split “${split}” has a token to predict`,
    hint: 'Choose another split or column.',
  });
}

/** SHA-256 of the tokens, of those that are predicted, and of the rows that they are of. */
export function digestOf({ tokens, rowOf }: TokenTexts): string {
  const hash = createHash('sha256');
  for (const part of [
    tokens.ids,
    tokens.labels ?? tokens.ids,
    tokens.isTarget,
    tokens.offsets,
    Int32Array.from(rowOf),
  ]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}
