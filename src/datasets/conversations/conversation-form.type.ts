import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { ConversationForm } from '../../protocol/conversation-form.js';

export const ConversationFormKindEnum = {
  PROMPT_COMPLETION: 'promptCompletion',
  MESSAGES: 'messages',
  ALPACA: 'alpaca',
  SHARE_GPT: 'shareGpt',
} as const satisfies Readonly<Record<string, ConversationForm['kind']>>;

registerEnumType(ConversationFormKindEnum, {
  name: 'ConversationFormKind',
  description: 'How rows hold conversations, without the columns.',
  valuesConfig: {
    PROMPT_COMPLETION: { description: 'A prompt and an answer, in columns of texts.' },
    MESSAGES: { description: 'Lists of `{ role, content }`.' },
    ALPACA: { description: 'A task, what it is about, and an answer, in columns of texts.' },
    SHARE_GPT: { description: 'Lists of `{ from, value }`.' },
  },
});

@ObjectType('ConversationForm', { description: 'How rows hold conversations.', simpleResolvers: true })
export class ConversationFormType {
  @Field(() => ConversationFormKindEnum, { description: 'The form.' })
  kind!: ConversationForm['kind'];

  @Field(() => [String], { description: 'The columns, in the order of the fields of its input.' })
  columns!: string[];
}

export function toConversationFormType(form: ConversationForm): ConversationFormType {
  return Object.assign(new ConversationFormType(), { kind: form.kind, columns: formColumns(form) });
}

/** The columns of a form, in the order of the fields of its input. */
export function formColumns({ kind: _, ...columns }: ConversationForm): string[] {
  return Object.values(columns).filter((column) => column !== null);
}
