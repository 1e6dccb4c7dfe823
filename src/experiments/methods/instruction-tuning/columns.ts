import { type ConversationFormInput, formInputOf } from '../../../datasets/conversations/conversation-form.input.js';
import { formByRoles } from '../../../datasets/conversations/form-by-roles.js';
import type { ColumnSources, Filled } from '../filled.js';
import type { InstructionTuningInput } from './input.js';

/** The input with the form of its conversations. */
export interface NamedInstructionTuning extends Omit<InstructionTuningInput, 'conversation'> {
  readonly conversation: ConversationFormInput;
}

export async function fillInstructionTuning(
  input: InstructionTuningInput,
  { version, examples }: Omit<ColumnSources, 'control'>,
): Promise<Filled<NamedInstructionTuning>> {
  const { conversation } = input;
  if (conversation != null) return { input: { ...input, conversation }, chosen: [], problems: [] };
  const path = ['method', 'instructionTuning', 'conversation'];
  const { form, chosen, problems } = await formByRoles(version, examples, path);
  return { input: form === null ? null : { ...input, conversation: formInputOf(form) }, chosen, problems };
}
