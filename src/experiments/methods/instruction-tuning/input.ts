import { Field, InputType } from 'type-graphql';
import { ConversationFormInput, LearnedTurnsEnum } from '../../../datasets/conversations/conversation-form.input.js';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { LearnedTurns } from '../../../protocol/conversation-form.js';
import type { InstructionTuningSpec } from '../../../protocol/methods/index.js';
import { PackingEnum } from '../language-modelling/type.js';

@InputType({
  description:
    'Instruction tuning: a decoder learns to answer. Conversations are written by its chat template, and the loss is of the answers. `DatasetVersion.conversations` shows what the model reads and learns.',
})
export class InstructionTuningInput {
  @Field(() => ConversationFormInput, {
    nullable: true,
    description:
      'How rows hold conversations. Default: in the column with the role MESSAGES, or in those with the roles PROMPT and COMPLETION.',
  })
  conversation?: ConversationFormInput | null;

  @Field(() => LearnedTurnsEnum, {
    defaultValue: LearnedTurnsEnum.COMPLETIONS,
    description: 'What of them is learned.',
  })
  learned!: LearnedTurns;

  @Field(() => String, {
    nullable: true,
    description:
      "A chat template in place of the model's own, in Jinja. It goes out with the trained model. Default: the model's own; without one, prompt and answer follow each other as they are, and lists of turns are refused.",
  })
  chatTemplate?: string | null;

  @Field(() => PackingEnum, {
    defaultValue: PackingEnum.PACKED,
    description: 'How conversations become rows of tokens. The losses of both are equal.',
  })
  packing!: InstructionTuningSpec['packing'];

  @Field(() => UnlearnableRowsEnum, {
    defaultValue: UnlearnableRowsEnum.REFUSE,
    description:
      'What happens to rows that can not be learned: those that are no conversation, that the template does not take, or whose answers are cut off.',
  })
  unlearnable!: InstructionTuningSpec['unlearnable'];

  @Field(() => DateTime, {
    nullable: true,
    description: 'The present for templates that ask for it (`strftime_now`). Default: when the experiment is created.',
  })
  templateTime?: Date | null;
}
