import { LearnedTurnsEnum } from '../../../datasets/conversations/conversation-form.input.js';
import { ConversationFormKindEnum, formColumns } from '../../../datasets/conversations/conversation-form.type.js';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import type { InstructionTuningSpec } from '../../../protocol/methods/index.js';
import { choice, list, type Setting, text } from '../../setting.js';
import { PackingEnum } from '../language-modelling/type.js';

export function instructionTuningSettings(spec: InstructionTuningSpec): Setting[] {
  const { conversation, learned, chatTemplate, packing, unlearnable } = spec;
  return [
    choice('method.conversation.kind', 'Form of conversations', ConversationFormKindEnum, conversation.kind),
    list('method.conversation.columns', 'Columns of conversations', formColumns(conversation)),
    choice('method.learned', 'What is learned', LearnedTurnsEnum, learned),
    text('method.chatTemplate', 'Chat template', chatTemplate),
    choice('method.packing', 'Packing', PackingEnum, packing),
    choice('method.unlearnable', 'Rows that can not be learned', UnlearnableRowsEnum, unlearnable),
  ];
}
