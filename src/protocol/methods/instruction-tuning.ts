import { z } from 'zod';
import { ConversationForm, LearnedTurns, requiredColumns } from '../conversation-form.js';
import { base } from './common.js';
import { Packing } from './language-modelling.js';

/**
 * What happens to rows that can not be learned: those that are no conversation, that the chat template does not take,
 * or whose answers are cut off.
 */
export const UnlearnableRows = z.enum(['refuse', 'leaveOut']);

/** Instruction tuning: a decoder learns the answers of conversations. */
export const InstructionTuningSpec = z.object({
  method: z.literal('instructionTuning'),
  ...base,
  conversation: ConversationForm,
  learned: LearnedTurns,
  /** A chat template in place of the model's own; null: the model's own, where it has one. */
  chatTemplate: z.string().min(1).nullable(),
  /** What the template's `strftime_now` says, so that a run that is resumed reads the same texts. */
  templateTime: z.iso.datetime(),
  packing: Packing,
  unlearnable: UnlearnableRows,
});
export type InstructionTuningSpec = z.infer<typeof InstructionTuningSpec>;

export function textColumnsOf({ conversation }: Pick<InstructionTuningSpec, 'conversation'>): readonly string[] {
  return requiredColumns(conversation);
}
