import type { ChatSource } from '../../../src/conversations/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../../src/protocol/predicts-tokens.js';
import { givesTokenTypes } from '../../../src/protocol/token-types.js';
import type { Tokenizer } from '../../../src/tokenizer/index.js';
import type { TextEnds } from '../../data/documents.js';

/** What is known of a model's tokenizer beside its own file. */
export interface TokenizerFacts {
  readonly chat: ChatSource;
  readonly tokenizer: Pick<Tokenizer, 'specialTokens' | 'token'>;
  readonly ends: TextEnds;
}

/**
 * What transformers.js must find in `tokenizer_config.json`, the only file beside `tokenizer.json` that it reads of a
 * tokenizer: special tokens as texts, the chat template, where a text is cut, and a class by which it gives types of
 * tokens where Attune gives them.
 *
 * @param original the keys that the model came with; null: it has no such file
 */
export function tokenizerKeys(
  original: Readonly<Record<string, unknown>> | null,
  manifest: ModelManifest,
  { chat, tokenizer, ends }: TokenizerFacts,
): Readonly<Record<string, unknown>> {
  const isCausal = predictedTokensOf(manifest) === 'causal';
  const token = (id: number | null) => (id === null ? {} : { content: tokenizer.token(id) });
  const found: Readonly<Record<string, string | undefined>> = {
    mask_token: tokenizer.specialTokens.find(({ content }) => masks.includes(content))?.content,
    ...(isCausal ? { bos_token: token(ends.begin).content, eos_token: token(ends.end).content } : {}),
  };
  return {
    tokenizer_class: classOf(original?.tokenizer_class, manifest),
    model_max_length: mostTokens(original?.model_max_length, manifest),
    ...Object.fromEntries(Object.entries(found).filter(([, content]) => content !== undefined)),
    ...chat.specialTokens,
    ...(chat.template === null ? {} : { chat_template: chat.template }),
  };
}

const masks = ['[MASK]', '<mask>'];

/** Classes by which transformers.js gives types of tokens. What else sets them apart is in `tokenizer.json`. */
const typing =
  /^(Bert|Electra|MobileBert|ConvBert|DebertaV2|Deberta|RoFormer|SqueezeBert|Albert|Herbert|XLM)Tokenizer(Fast)?$/;

function classOf(original: unknown, manifest: ModelManifest): string {
  const named = typeof original === 'string' ? original : 'PreTrainedTokenizerFast';
  if (givesTokenTypes(manifest) === typing.test(named)) return named;
  return givesTokenTypes(manifest) ? 'BertTokenizer' : 'PreTrainedTokenizer';
}

function mostTokens(original: unknown, { maxLength, contextLength, heads }: ModelManifest): number {
  if (heads.length > 0 && maxLength !== null) return maxLength;
  return typeof original === 'number' ? Math.min(original, contextLength) : contextLength;
}
