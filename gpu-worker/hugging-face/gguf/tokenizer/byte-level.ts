import type { TokenizerJson } from '../../../../src/tokenizer/index.js';
import { unsupportedGguf } from '../expressible.js';
import { string } from '../metadata-values.js';
import { listTokens } from './token-list.js';
import type { Vocabulary } from './vocabulary.js';
import { wordsOf } from './words.js';

type Bpe = Extract<TokenizerJson['model'], { type: 'BPE' }>;

/**
 * Byte-level byte-pair encoding, as GPT-2, Llama 3 and Qwen have it. Errors: ProblemError UNSUPPORTED_EXPORT for words
 * and for normalizers that llama.cpp does not have.
 */
export function byteLevel(json: TokenizerJson, model: Bpe, rows: number): Vocabulary {
  const words = wordsOf(json.pre_tokenizer, model.ignore_merges);
  if (words === null) {
    const shown = JSON.stringify(json.pre_tokenizer);
    throw unsupportedGguf(
      `llama.cpp does not divide texts into words as the tokenizer does (${shown.slice(0, 300)}, ignore_merges ${model.ignore_merges})`,
    );
  }
  const { normalizer } = json;
  if (normalizer !== null && normalizer.type !== 'NFC') {
    throw unsupportedGguf(`llama.cpp has no normalizer ${normalizer.type} for byte-level tokenizers`);
  }
  if (model.end_of_word_suffix != null && model.end_of_word_suffix !== '') {
    throw unsupportedGguf('llama.cpp has no end_of_word_suffix');
  }
  const { tokens, types } = listTokens(Object.entries(model.vocab), json.added_tokens, rows, () => null);
  return {
    metadata: new Map([
      ['tokenizer.ggml.model', string('gpt2')],
      ['tokenizer.ggml.pre', string(words.name)],
      ['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
      ['tokenizer.ggml.token_type', { type: 'int32s', value: types }],
      ['tokenizer.ggml.merges', { type: 'strings', value: model.merges.map(mergeText) }],
    ]),
    notes: [
      ...words.notes,
      ...(normalizer === null
        ? []
        : ['The tokenizer composes letters and their accents (NFC), llama.cpp does not: give it composed texts.']),
    ],
  };
}

/** A merge as a line; a pair whose parts have spaces is told apart by llama.cpp's sign for them. */
export function mergeText(merge: Bpe['merges'][number]): string {
  return typeof merge === 'string' ? merge : merge.map((part) => part.replaceAll(' ', 'Ġ')).join(' ');
}
