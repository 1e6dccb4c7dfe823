import type { TokenizerJson } from '../../../../src/tokenizer/index.js';
import { unsupportedGguf } from '../expressible.js';
import { bool, string } from '../metadata-values.js';
import { mergeText } from './byte-level.js';
import { scoresOfMerges } from './scores-of-merges.js';
import { listTokens, tokenTypes } from './token-list.js';
import type { Vocabulary } from './vocabulary.js';

type Bpe = Extract<TokenizerJson['model'], { type: 'BPE' }>;

const space = '▁';

/**
 * SentencePiece's byte-pair encoding over whole texts, with tokens for bytes: Llama 2's, Mistral's and Gemma's. Where
 * scores of tokens say what the merges do, llama.cpp's SentencePiece reads it; else, without a space before texts,
 * its BPE of Gemma 4, which reads merges.
 *
 * Errors: ProblemError UNSUPPORTED_EXPORT for other normalizers, and for merges that neither of both expresses.
 */
export function bytePieces(json: TokenizerJson, model: Bpe, rows: number): Vocabulary {
  const prefix = prefixOf(json);
  if (prefix === null) {
    const { normalizer, pre_tokenizer } = json;
    throw unsupportedGguf(
      `llama.cpp does not replace spaces as the tokenizer does (${JSON.stringify({ normalizer, pre_tokenizer }).slice(0, 300)})`,
    );
  }
  const unknown = model.unk_token ?? null;
  const typeOf = (token: string) => {
    if (token === unknown) return tokenTypes.unknown;
    return /^<0x[0-9A-F]{2}>$/.test(token) ? tokenTypes.byte : null;
  };
  // Runs of spaces are spelled with ▁, which no text has: merges alone make them.
  const added = json.added_tokens.filter(({ content, special }) => special || !content.includes(space));
  const { tokens, types } = listTokens(Object.entries(model.vocab), added, rows, typeOf);
  const lists = [
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
    ['tokenizer.ggml.token_type', { type: 'int32s', value: types }],
  ] as const;
  const scores = scoresOfMerges(model, tokens);
  if (scores !== null) {
    return {
      metadata: new Map([
        ['tokenizer.ggml.model', string('llama')],
        ['tokenizer.ggml.pre', string('default')],
        ...lists,
        ['tokenizer.ggml.scores', { type: 'float32s', value: scores }],
        ['tokenizer.ggml.add_space_prefix', bool(prefix !== 'none')],
      ]),
      notes: prefix === 'first' ? [prefixNote] : [],
    };
  }
  if (prefix !== 'none') {
    throw unsupportedGguf(
      'llama.cpp merges tokens of such a vocabulary by their scores, and no scores say what the tokenizer’s merges do',
    );
  }
  const acrossLines = Object.keys(model.vocab).find((token) => /\n[^\n]|[^\n]\n/.test(token));
  if (acrossLines !== undefined) {
    throw unsupportedGguf(`llama.cpp does not merge across lines, and ${JSON.stringify(acrossLines)} is a token`);
  }
  return {
    metadata: new Map([
      ['tokenizer.ggml.model', string('gpt2')],
      ['tokenizer.ggml.pre', string('gemma4')],
      ...lists,
      ['tokenizer.ggml.merges', { type: 'strings', value: model.merges.map(mergeText) }],
    ]),
    notes: ['Its tokenizer needs a llama.cpp of 2026, which knows the words of Gemma 4.'],
    requiresBegin: true,
  };
}

const prefixNote =
  'llama.cpp puts a space before every text and after every special token; the tokenizer puts one before texts that begin with none, and nowhere else.';

/**
 * Where a space is put before texts: before every stretch between special tokens, before texts that begin without
 * one, or nowhere. Null: the tokenizer does something else.
 */
function prefixOf({ normalizer, pre_tokenizer: words }: TokenizerJson): 'every' | 'first' | 'none' | null {
  const steps = normalizer === null ? [] : normalizer.type === 'Sequence' ? normalizer.normalizers : [normalizer];
  const replaces = steps.some((step) => step.type === 'Replace' && isSpace(step.pattern) && step.content === space);
  const prepends = steps.some((step) => step.type === 'Prepend' && step.prepend === space);
  if (steps.length !== Number(replaces) + Number(prepends)) return null;
  if (replaces) {
    // Divided at spaces, of which the normalizer leaves none.
    const isIdle = words === null || (words.type === 'Split' && isSpace(words.pattern));
    if (!isIdle) return null;
    return prepends ? 'every' : 'none';
  }
  if (prepends || words?.type !== 'Metaspace' || words.replacement !== space || words.split) return null;
  const scheme = words.prepend_scheme ?? (words.add_prefix_space === false ? 'never' : 'always');
  return scheme === 'never' ? 'none' : 'first';
}

function isSpace(pattern: { readonly String: string } | { readonly Regex: string }): boolean {
  return 'String' in pattern && pattern.String === ' ';
}
