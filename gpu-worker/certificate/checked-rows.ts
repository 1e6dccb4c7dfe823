import type { CheckedRows, CheckedTexts } from '../../src/protocol/parity-certificate.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import type { Targets } from '../heads/index.js';
import { type PickedPlaces, pickPlaces } from './picked-places.js';

/** Rows that an export is checked on, and tokens of each. */
export const mostRows = 32;
export const mostTokens = 128;

/** Texts as the trained model and the export read them. */
export interface RowsToCheck {
  readonly note: CheckedRows;
  readonly tokens: TokenizedTexts;
  /** Of each head; null where the texts have none, and for models without heads. */
  readonly targets: readonly Targets[] | null;
  /** Where logits of tokens are compared; null for models that predict none. */
  readonly picked: PickedPlaces | null;
}

/** Where rows are from. */
export interface RowsFrom {
  readonly texts: CheckedTexts;
  readonly datasetDigest: string | null;
  readonly split: string | null;
}

/** @param rows the number of each text */
export function noteOf(from: RowsFrom, rows: readonly number[], { ids }: Pick<TokenizedTexts, 'ids'>): CheckedRows {
  return { ...from, rows: [...rows], tokenCount: ids.length };
}

/** Rows of tokens that a language model predicts, the first of them. */
export function rowsOfTokens(
  all: TokenRows,
  rowOf: readonly number[],
  from: RowsFrom,
  vocabularySize: number,
): RowsToCheck {
  const rows = firstOf(all, mostRows);
  const tokens: TokenizedTexts = {
    ids: rows.ids,
    typeIds: null,
    firstOfWord: null,
    offsets: rows.offsets,
    lengths: rows.lengths,
    truncated: new Uint8Array(rows.lengths.length),
  };
  return {
    note: noteOf(from, rowOf.slice(0, rows.lengths.length), tokens),
    tokens,
    targets: null,
    picked: pickPlaces(rows, vocabularySize),
  };
}

function firstOf(rows: TokenRows, most: number): TokenRows {
  const R = Math.min(most, rows.lengths.length);
  const end = rows.offsets[R]!;
  return {
    ids: rows.ids.slice(0, end),
    isTarget: rows.isTarget.slice(0, end),
    labels: rows.labels === null ? null : rows.labels.slice(0, end),
    segments: null,
    offsets: rows.offsets.slice(0, R + 1),
    lengths: rows.lengths.slice(0, R),
    targetCounts: rows.targetCounts.slice(0, R),
  };
}
