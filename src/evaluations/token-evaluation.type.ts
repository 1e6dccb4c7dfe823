import { Field, Int, ObjectType } from 'type-graphql';
import { LearnedTurnsEnum } from '../datasets/conversations/conversation-form.input.js';
import { ConversationFormType, toConversationFormType } from '../datasets/conversations/conversation-form.type.js';
import { UnlearnableRowsEnum } from '../datasets/conversations/unlearnable-rows.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { TruncationSideEnum } from '../models/model-settings.type.js';
import { LanguageObjectiveEnum, MaskingType } from '../models/predicted-tokens.type.js';
import type { LearnedTurns } from '../protocol/conversation-form.js';
import type { LanguageObjective } from '../protocol/methods/language-modelling.js';
import type { TokenEvaluation } from '../protocol/token-evaluation.js';

type Conversations = NonNullable<TokenEvaluation['conversations']>;

@ObjectType('EvaluatedConversations', {
  description: 'How conversations are read whose answers are predicted.',
  simpleResolvers: true,
})
class EvaluatedConversationsType {
  @Field(() => ConversationFormType, { description: 'How rows hold them.' })
  form!: ConversationFormType;

  @Field(() => LearnedTurnsEnum, { description: 'What of them is predicted.' })
  learned!: LearnedTurns;

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own; null: the model's own, where it has one.",
  })
  chatTemplate!: string | null;

  @Field(() => UnlearnableRowsEnum, { description: 'What happens to rows that can not be read.' })
  unlearnable!: Conversations['unlearnable'];
}

@ObjectType('TokenEvaluation', {
  description: 'What tokens a language model is to predict, with what the input left out.',
  simpleResolvers: true,
})
export class TokenEvaluationType {
  @Field(() => LanguageObjectiveEnum, { description: 'What is predicted.' })
  objective!: LanguageObjective;

  @Field(() => MaskingType, { nullable: true, description: 'Which tokens are masked; null for CAUSAL.' })
  masking!: MaskingType | null;

  @Field(() => EvaluatedConversationsType, {
    nullable: true,
    description: 'How conversations are read; null where a column of texts is.',
  })
  conversations!: EvaluatedConversationsType | null;

  @Field(() => Int, { description: 'Tokens that documents are divided into, and conversations are cut to.' })
  maxLength!: number;

  @Field(() => TruncationSideEnum, { description: 'Where conversations that are too long are cut.' })
  truncationSide!: TokenEvaluation['truncationSide'];

  @Field(() => BigIntScalar, { description: 'Seed of the masks, and of the samples that intervals come from.' })
  seed!: number;
}

export function toTokenEvaluationType({ masking, conversations, ...rest }: TokenEvaluation): TokenEvaluationType {
  return Object.assign(new TokenEvaluationType(), rest, {
    masking: masking === null ? null : Object.assign(new MaskingType(), masking),
    conversations:
      conversations === null
        ? null
        : Object.assign(new EvaluatedConversationsType(), conversations, {
            form: toConversationFormType(conversations.form),
          }),
  });
}
