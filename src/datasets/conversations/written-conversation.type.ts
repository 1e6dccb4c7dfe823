import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type ConversationErrorCode, conversationErrorCodes } from '../../conversations/index.js';
import { BigIntScalar } from '../../graphql/scalars.js';

const ConversationFaultCodeEnum = Object.fromEntries(Object.keys(conversationErrorCodes).map((code) => [code, code]));

registerEnumType(ConversationFaultCodeEnum, {
  name: 'ConversationFaultCode',
  description: 'Why a row can not be learned as a conversation. New codes may be added.',
  valuesConfig: Object.fromEntries(
    Object.entries(conversationErrorCodes).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType('ConversationFault', { description: 'Why a row can not be learned.', simpleResolvers: true })
export class ConversationFaultType {
  @Field(() => ConversationFaultCodeEnum, { description: 'The kind of fault, for programs.' })
  code!: ConversationErrorCode;

  @Field(() => String, { nullable: true, description: 'The column at fault; null: another, or none.' })
  column!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The turn at fault, counted from 1; null: the conversation as a whole.',
  })
  turn!: number | null;

  @Field(() => String, { description: 'The same for people.' })
  message!: string;
}

@ObjectType('ConversationTurn', { description: 'What one side says at a time.', simpleResolvers: true })
export class ConversationTurnType {
  @Field(() => String, { description: 'Who says it: system, user, assistant or tool.' })
  role!: string;

  @Field(() => String, { description: 'What is said.' })
  content!: string;
}

@ObjectType('ConversationToken', { description: 'A token of a written conversation.', simpleResolvers: true })
export class ConversationTokenType {
  @Field(() => Int, { description: 'Its id in the vocabulary.' })
  tokenId!: number;

  @Field(() => String, { description: 'Its string in the vocabulary.' })
  token!: string;

  @Field(() => Boolean, { description: 'Whether it is learned: whether the loss asks how likely the model finds it.' })
  isTarget!: boolean;
}

@ObjectType('WrittenConversation', {
  description: 'A row as a model reads it in instruction tuning.',
  simpleResolvers: true,
})
export class WrittenConversationType {
  @Field(() => BigIntScalar, { description: 'Number of the row in the dataset version, counted from 0.' })
  row!: number;

  @Field(() => [ConversationTurnType], { description: 'What the row says; empty if it can not be read.' })
  turns!: ConversationTurnType[];

  @Field(() => String, {
    nullable: true,
    description: "The text that the model's chat template makes of it; null if it makes none.",
  })
  text!: string | null;

  @Field(() => [ConversationTokenType], { description: 'The tokens, in order; empty if the row can not be learned.' })
  tokens!: ConversationTokenType[];

  @Field(() => Boolean, { description: 'Whether tokens were cut off.' })
  truncated!: boolean;

  @Field(() => ConversationFaultType, { nullable: true, description: 'Why the row can not be learned; null: it can.' })
  fault!: ConversationFaultType | null;
}
