import { Extensions, Field, InputType, registerEnumType } from 'type-graphql';
import type { ConversationForm, LearnedTurns } from '../../protocol/conversation-form.js';

export const LearnedTurnsEnum: Readonly<Record<string, LearnedTurns>> = {
  COMPLETIONS: 'completions',
  ASSISTANT_TURNS: 'assistantTurns',
  EVERYTHING: 'everything',
};

registerEnumType(LearnedTurnsEnum, {
  name: 'LearnedTurns',
  description: 'What of a conversation is learned.',
  valuesConfig: {
    COMPLETIONS: { description: 'The last answer.' },
    ASSISTANT_TURNS: { description: 'All answers.' },
    EVERYTHING: { description: 'Every token, also what people and templates say.' },
  },
});

@InputType({ description: 'One exchange in a row: columns of texts.' })
export class PromptCompletionInput {
  @Field(() => String, { description: 'Column of what is asked.' })
  promptColumn!: string;

  @Field(() => String, { description: 'Column of the answers.' })
  completionColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of what the model is told before. Default: none.' })
  systemColumn?: string | null;
}

@InputType({ description: 'A conversation in a row: a column of lists of turns.' })
export class MessagesInput {
  @Field(() => String, {
    description:
      'The column. Its lists hold objects: in JSON Lines and Parquet such lists are JSON, and a column of texts may hold them as JSON too.',
  })
  column!: string;
}

@InputType({ description: 'One exchange in a row: the columns of Stanford Alpaca.' })
export class AlpacaInput {
  @Field(() => String, { defaultValue: 'instruction', description: 'Column of the tasks.' })
  instructionColumn!: string;

  @Field(() => String, {
    nullable: true,
    defaultValue: 'input',
    description: 'Column of what a task is about; it may be empty in some rows. Null: there is none.',
  })
  inputColumn!: string | null;

  @Field(() => String, { defaultValue: 'output', description: 'Column of the answers.' })
  outputColumn!: string;
}

/** The field of each form. A form without a field does not compile. */
@Extensions({ oneOf: true })
@InputType({ description: 'How rows hold conversations: exactly one of the fields.' })
export class ConversationFormInput implements Partial<Readonly<Record<ConversationForm['kind'], object | null>>> {
  @Field(() => PromptCompletionInput, {
    nullable: true,
    description:
      'A prompt and an answer. A model without a chat template reads the one after the other, as they are, and the token that ends texts.',
  })
  promptCompletion?: PromptCompletionInput | null;

  @Field(() => MessagesInput, {
    nullable: true,
    description:
      'Lists of `{ role, content }`, as the API of OpenAI takes them: of system (first), user, assistant and tool; `content` is a text, or a list of parts that are texts. An answer of `weight` 0 is not learned.',
  })
  messages?: MessagesInput | null;

  @Field(() => AlpacaInput, {
    nullable: true,
    description:
      "A task, what it is about, and an answer. By a chat template, task and subject are one turn, with an empty line between them; without one, Alpaca's own prompt is around them.",
  })
  alpaca?: AlpacaInput | null;

  @Field(() => MessagesInput, {
    nullable: true,
    description:
      'Lists of `{ from, value }`, as ShareGPT exports them: from system (first), human or user, gpt or assistant, tool or observation.',
  })
  shareGpt?: MessagesInput | null;
}

export function toConversationForm(input: ConversationFormInput): ConversationForm {
  const { promptCompletion, messages, alpaca, shareGpt, ...others } = input;
  others satisfies Readonly<Record<string, never>>;
  if (promptCompletion != null) {
    const { promptColumn, completionColumn, systemColumn } = promptCompletion;
    return { kind: 'promptCompletion', promptColumn, completionColumn, systemColumn: systemColumn ?? null };
  }
  if (messages != null) return { kind: 'messages', column: messages.column };
  if (alpaca != null) {
    const { instructionColumn, inputColumn, outputColumn } = alpaca;
    return { kind: 'alpaca', instructionColumn, inputColumn, outputColumn };
  }
  if (shareGpt != null) return { kind: 'shareGpt', column: shareGpt.column };
  throw new Error('The form has no field, which @oneOf should have refused.');
}

/** The input that a form comes from. */
export function formInputOf(form: ConversationForm): ConversationFormInput {
  const { kind, ...columns } = form;
  return { [kind]: columns };
}
