import { formInputOf } from '../../../datasets/conversations/conversation-form.input.js';
import type { InstructionTuningSpec } from '../../../protocol/methods/index.js';
import type { NamedInstructionTuning } from './columns.js';

/** The input that such a spec comes from. */
export function instructionTuningInputOf(spec: InstructionTuningSpec): NamedInstructionTuning {
  const { conversation, learned, chatTemplate, packing, unlearnable, templateTime } = spec;
  return {
    conversation: formInputOf(conversation),
    learned,
    chatTemplate,
    packing,
    unlearnable,
    templateTime: new Date(templateTime),
  };
}
