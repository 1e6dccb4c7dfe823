import { Field, ObjectType } from 'type-graphql';
import { LearnedTurnsEnum } from '../../../datasets/conversations/conversation-form.input.js';
import {
  ConversationFormType,
  toConversationFormType,
} from '../../../datasets/conversations/conversation-form.type.js';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { LearnedTurns } from '../../../protocol/conversation-form.js';
import type { InstructionTuningSpec } from '../../../protocol/methods/index.js';
import { PackingEnum } from '../language-modelling/type.js';

@ObjectType('InstructionTuning', {
  description: 'Instruction tuning: a decoder learns the answers of conversations.',
  simpleResolvers: true,
})
export class InstructionTuningType {
  @Field(() => ConversationFormType, { description: 'How rows hold conversations.' })
  conversation!: ConversationFormType;

  @Field(() => LearnedTurnsEnum, { description: 'What of them is learned.' })
  learned!: LearnedTurns;

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own; null: the model's own, where it has one.",
  })
  chatTemplate!: string | null;

  @Field(() => PackingEnum, { description: 'How conversations become rows of tokens.' })
  packing!: InstructionTuningSpec['packing'];

  @Field(() => UnlearnableRowsEnum, { description: 'What happens to rows that can not be learned.' })
  unlearnable!: InstructionTuningSpec['unlearnable'];

  @Field(() => DateTime, { description: 'The present for templates that ask for it.' })
  templateTime!: Date;
}

export function toInstructionTuningType(spec: InstructionTuningSpec): InstructionTuningType {
  const { conversation, learned, chatTemplate, packing, unlearnable, templateTime } = spec;
  return Object.assign(new InstructionTuningType(), {
    conversation: toConversationFormType(conversation),
    learned,
    chatTemplate,
    packing,
    unlearnable,
    templateTime: new Date(templateTime),
  });
}
