import type { EncodedExchange } from '../../src/conversations/index.js';
import { growing } from './growing.js';
import type { TokenizedTexts } from './tokenize.js';

/** Collects the tokens of prompts with answers. */
export function textWriter() {
  const ids = growing(Int32Array, 1024);
  const isAnswer = growing(Uint8Array, 1024);
  const typeIds = growing(Int32Array, 1024);
  let hasTypes = false;
  const offsets = [0];
  const truncated: number[] = [];
  return {
    /** Returns the number of the text. */
    add(tokens: EncodedExchange): number {
      const answer = Uint8Array.from(tokens.isAnswer ?? new Uint8Array(tokens.ids.length));
      // The first token has none before it that could foretell it.
      answer[0] = 0;
      isAnswer.append(answer);
      if (tokens.typeIds !== null) {
        hasTypes = true;
        typeIds.append(tokens.typeIds);
      }
      offsets.push(ids.append(tokens.ids));
      truncated.push(tokens.truncated ? 1 : 0);
      return truncated.length - 1;
    },
    all: (): { readonly texts: TokenizedTexts; readonly isAnswer: Uint8Array } => ({
      texts: {
        ids: ids.all(),
        typeIds: hasTypes ? typeIds.all() : null,
        firstOfWord: null,
        offsets: Int32Array.from(offsets),
        lengths: Int32Array.from(truncated, (_, text) => offsets[text + 1]! - offsets[text]!),
        truncated: Uint8Array.from(truncated),
      },
      isAnswer: isAnswer.all(),
    }),
  };
}
