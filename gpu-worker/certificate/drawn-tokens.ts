import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import { createRandom, uniform } from '../data/random.js';
import type { TokenRows } from '../data/token-sequences.js';
import { noteOf, type RowsFrom, type RowsToCheck, rowsOfTokens } from './checked-rows.js';

const rowCount = 8;
const longest = 24;
/** Keeps these random numbers apart from those of trainings. */
const stream = 0x63657274;

const from: RowsFrom = { texts: 'drawnTokens', datasetDigest: null, split: null };

/** Rows of tokens drawn from the vocabulary, always the same, for models whose tokenizer reads none of the texts. */
export function drawnRows(
  { config, contextLength, heads, layers }: ModelManifest,
  predictsTokens: boolean,
): RowsToCheck {
  const lengths = Int32Array.from({ length: rowCount }, (_, row) =>
    Math.max(2, Math.min(contextLength, longest - 2 * row)),
  );
  const offsets = new Int32Array(rowCount + 1);
  for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;
  const random = createRandom(0, stream);
  const ids = Int32Array.from({ length: offsets[rowCount]! }, () =>
    Math.floor(uniform(random) * config.vocabularySize),
  );
  const rowOf = [...lengths.keys()];
  if (predictsTokens) {
    const isMasked = predictedTokensOf({ config, heads, layers }) === 'masked';
    const isTarget = new Uint8Array(ids.length).fill(1);
    for (const offset of offsets.subarray(0, rowCount)) isTarget[offset] = 0;
    const rows: TokenRows = {
      ids,
      labels: isMasked ? ids : null,
      isTarget,
      offsets,
      lengths,
      targetCounts: lengths.map((length) => length - 1),
      segments: null,
    };
    return rowsOfTokens(rows, rowOf, from, config.vocabularySize);
  }
  const tokens = { ids, typeIds: null, firstOfWord: null, offsets, lengths, truncated: new Uint8Array(rowCount) };
  return { note: noteOf(from, rowOf, tokens), tokens, targets: null, picked: null };
}
