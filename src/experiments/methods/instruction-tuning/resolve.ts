import { checkForm } from '../../../datasets/conversations/check-form.js';
import { toConversationForm } from '../../../datasets/conversations/conversation-form.input.js';
import { requiredColumns } from '../../../protocol/conversation-form.js';
import { measuredBy } from '../../../protocol/methods/language-modelling.js';
import { checkTemplate } from '../check-template.js';
import { checkCausal } from '../language-modelling/resolve.js';
import type { MethodRequest } from '../request.js';
import type { NamedInstructionTuning } from './columns.js';

const path = ['method', 'instructionTuning'];

/** @param now what a template takes for the present, unless the input says it */
export function requestInstructionTuning(input: NamedInstructionTuning, now = () => new Date()): MethodRequest {
  const { learned, packing, unlearnable } = input;
  const chatTemplate = input.chatTemplate ?? null;
  const form = toConversationForm(input.conversation);
  return {
    learns: 'answers',
    textColumns: requiredColumns(form),
    checkTextColumns: (version) => checkForm(version, form, [...path, 'conversation']),
    checkModel: (model) => checkCausal(model, path),
    control: null,
    pairs: null,
    heads: [],
    problems: checkTemplate(chatTemplate, path),
    measured: () => measuredBy({}),
    specOf: (base) => ({
      method: 'instructionTuning',
      ...base,
      conversation: form,
      learned,
      chatTemplate,
      templateTime: (input.templateTime ?? now()).toISOString(),
      packing,
      unlearnable,
    }),
  };
}
