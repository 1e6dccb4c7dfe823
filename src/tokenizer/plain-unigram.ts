import { alignedText, spanOf } from './aligned-text.js';
import { libraryNormalizer } from './library.js';
import { createNormalize } from './normalize.js';
import type { SequenceTokens } from './sequence-tokens.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { createUnigramSearch } from './unigram-search.js';

/** A Unigram model that reads whole texts, like that of Universal Sentence Encoder. */
export interface PlainUnigram {
  ids(text: string): readonly number[];
  /** The same ids with offsets, which takes longer. */
  tokens(text: string, start: number): SequenceTokens;
}

/**
 * Null unless the tokenizer consists of only a normalizer and a Unigram model. The model's pieces must cover every
 * character.
 */
export function createPlainUnigram(json: TokenizerJson): PlainUnigram | null {
  const { model, normalizer, pre_tokenizer, post_processor, added_tokens } = json;
  const isPlain = pre_tokenizer === null && post_processor === null && added_tokens.length === 0;
  // Its search takes unknown characters for a piece; without such a piece they are an error.
  if (model.type !== 'Unigram' || model.unk_id == null || normalizer === null || !isPlain) return null;
  const search = createUnigramSearch(model.vocab);
  const lengths = model.vocab.map(([piece]) => piece.length);
  const normalizeFast = libraryNormalizer(normalizer);
  const normalize = createNormalize(normalizer);
  return {
    ids: (text) => (text === '' ? [] : search(normalizeFast(text))),
    tokens(text, start) {
      const aligned = normalize(alignedText(text, start));
      const ids = aligned.text === '' ? [] : search(aligned.text);
      let end = 0;
      const spans = ids.map((id) => {
        end += lengths[id] ?? 0;
        return spanOf(aligned, end - (lengths[id] ?? 0), end);
      });
      return { ids, starts: spans.map(([from]) => from), ends: spans.map(([, to]) => to) };
    },
  };
}
