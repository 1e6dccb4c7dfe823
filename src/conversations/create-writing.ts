import type { LearnedTurns } from '../protocol/conversation-form.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { compileChatTemplate, type TemplateSettings } from './chat-template.js';
import type { ChatSource } from './template-files.js';
import type { Writing } from './write-conversation.js';

interface WritingSettings extends Pick<TemplateSettings, 'now' | 'totalSteps'> {
  readonly template: string | null;
  readonly learned: LearnedTurns;
}

/**
 * How conversations are written for a model.
 *
 * @param source what the model's files say
 * @param template one that is given in place of the model's own; null: the model's own, where it has one
 * @param now what the template's `strftime_now` says
 * @param totalSteps of the template, over all conversations together
 * @throws ConversationError INVALID_TEMPLATE
 */
export function createWriting(
  tokenizer: Pick<Tokenizer, 'encode' | 'specialTokens'>,
  source: ChatSource,
  { template, learned, now, totalSteps }: WritingSettings,
): Writing {
  const { specialTokens } = source;
  const written = template ?? source.template;
  const endToken = specialTokens.eos_token ?? null;
  const { ids, sequence } = tokenizer.encode('a', null, { maxLength: 64, truncationSide: 'right' });
  const last = sequence.at(-1) === null ? ids.at(-1) : undefined;
  return {
    template:
      written === null
        ? null
        : compileChatTemplate(written, { specialTokens, now, ...(totalSteps === undefined ? {} : { totalSteps }) }),
    learned,
    endToken,
    endsItself: tokenizer.specialTokens.some(({ id, content }) => id === last && content === endToken),
    specialTokens: tokenizer.specialTokens.map(({ content }) => content),
  };
}
