import { checkForm } from '../../../datasets/conversations/check-form.js';
import { toConversationForm } from '../../../datasets/conversations/conversation-form.input.js';
import { problem } from '../../../problems/problem.js';
import { requiredColumns } from '../../../protocol/conversation-form.js';
import { measuredBy } from '../../../protocol/methods/language-modelling.js';
import { checkCausal } from '../language-modelling/resolve.js';
import type { MethodRequest } from '../request.js';
import type { NamedInstructionTuning } from './columns.js';

const path = ['method', 'instructionTuning'];

/** The most characters of a chat template; those of public models have some thousands. */
const mostTemplateCharacters = 100_000;

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
    problems: checkTemplate(chatTemplate),
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

function checkTemplate(template: string | null) {
  const at = [...path, 'chatTemplate'];
  if (template === null) return [];
  if (template.trim() === '') return [problem(at, 'REQUIRED', 'The chat template is empty.', 'Leave it out.')];
  if (template.length <= mostTemplateCharacters) return [];
  return [
    problem(at, 'TOO_LONG', `A chat template has at most ${mostTemplateCharacters.toLocaleString('en')} characters.`),
  ];
}
