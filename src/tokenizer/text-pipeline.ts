import { createAddedTokens } from './added-tokens.js';
import { alignedText, spanOf } from './aligned-text.js';
import { createNormalize } from './normalize.js';
import { createPreTokenize } from './pre-tokenize.js';
import type { SequenceTokens } from './sequence-tokens.js';
import type { TokenizerJson } from './tokenizer-json.js';
import type { WordModel } from './word-model.js';

/** All tokens of one text; `start` is the text's place in the text that offsets refer to. */
export type TextPipeline = (text: string, start: number) => SequenceTokens;

const loneSurrogates = /[\ud800-\udfff]/gu;

/** Added tokens, normalizer, pre-tokenizer, model: the steps of `tokenizers` before it adds special tokens. */
export function createTextPipeline(json: TokenizerJson, model: WordModel): TextPipeline {
  const normalize = createNormalize(json.normalizer);
  const preTokenize = createPreTokenize(json.pre_tokenizer);
  const splitAtTokens = createAddedTokens(
    json.added_tokens,
    normalize,
    (content) => normalize(alignedText(content)).text,
  );
  return (text, start) => {
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    const push = (id: number, [from, to]: readonly [number, number]) => {
      ids.push(id);
      starts.push(from);
      ends.push(to);
    };
    for (const stretch of splitAtTokens(alignedText(text.replace(loneSurrogates, '\ufffd'), start))) {
      if (stretch.token !== null) {
        push(stretch.token.id, spanOf(stretch.text, 0, stretch.text.text.length));
        continue;
      }
      if (stretch.text.text === '') continue;
      for (const word of preTokenize(stretch.text)) {
        const tokens = model.search(word.text);
        let from = 0;
        for (const [index, id] of tokens.ids.entries()) {
          const to = tokens.ends[index] ?? from;
          push(id, tokenSpan(word, from, to));
          from = to;
        }
      }
    }
    return { ids, starts, ends };
  };
}

/** Each of the bytes that together represent a character comes from the whole character. */
function tokenSpan(word: Parameters<typeof spanOf>[0], from: number, to: number): readonly [number, number] {
  if (from < to || from === 0) return spanOf(word, from, to);
  const isPair = from > 1 && /[\udc00-\udfff]/.test(word.text.charAt(from - 1));
  return spanOf(word, from - (isPair ? 2 : 1), to);
}
