import { z } from 'zod';
import { ConversationForm, LearnedTurns } from './conversation-form.js';
import { UnlearnableRows } from './methods/instruction-tuning.js';
import { LanguageObjective, Masking } from './methods/language-modelling.js';
import { Sha256 } from './sha256.js';

/** The name of the task where a model's own predictions of tokens are scored, which is of no head. */
export const tokenTask = 'tokens';

/** How conversations are read, in place of a column of texts: as instruction tuning reads them. */
const EvaluatedConversations = z.object({
  form: ConversationForm,
  learned: LearnedTurns,
  /** A chat template in place of the model's own; null: the model's own, where it has one. */
  chatTemplate: z.string().min(1).nullable(),
  /** What the template's `strftime_now` says. */
  templateTime: z.iso.datetime(),
  unlearnable: UnlearnableRows,
});

/** What tokens a model is to predict in an evaluation. */
export const TokenEvaluation = z.object({
  objective: LanguageObjective,
  /** Null unless the objective is `masked`. */
  masking: Masking.nullable(),
  /** Null: the texts of a column. */
  conversations: EvaluatedConversations.nullable(),
  /** Tokens that documents are divided into, and conversations are cut to. */
  maxLength: z.number().int().positive(),
  truncationSide: z.enum(['left', 'right']),
  /** Of the masks, and of the samples that intervals come from. */
  seed: z.number().int().min(0).max(0xffffffff),
  /** The model that is compared with; null: none is. */
  baselineDigest: Sha256.nullable(),
});
export type TokenEvaluation = z.infer<typeof TokenEvaluation>;
