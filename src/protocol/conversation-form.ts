import { z } from 'zod';

const Column = z.string().min(1);

/** How the rows of a dataset version hold conversations. */
export const ConversationForm = z.discriminatedUnion('kind', [
  /** One exchange in two columns of texts, and what was said to the model before it in a third. */
  z.object({
    kind: z.literal('promptCompletion'),
    promptColumn: Column,
    completionColumn: Column,
    systemColumn: Column.nullable(),
  }),
  /** A column of lists of `{ role, content }`, as the API of OpenAI takes them. */
  z.object({ kind: z.literal('messages'), column: Column }),
  /** Stanford Alpaca's three columns of texts: a task, what the task is about (often empty), and the answer. */
  z.object({
    kind: z.literal('alpaca'),
    instructionColumn: Column,
    inputColumn: Column.nullable(),
    outputColumn: Column,
  }),
  /** A column of lists of `{ from, value }`, as ShareGPT exports them. */
  z.object({ kind: z.literal('shareGpt'), column: Column }),
]);
export type ConversationForm = z.infer<typeof ConversationForm>;

/** The columns that a row needs, to be an example. */
export function requiredColumns(form: ConversationForm): readonly string[] {
  switch (form.kind) {
    case 'promptCompletion':
      return [form.promptColumn, form.completionColumn];
    case 'alpaca':
      return [form.instructionColumn, form.outputColumn];
    case 'messages':
    case 'shareGpt':
      return [form.column];
    default:
      return form satisfies never;
  }
}

/** The columns that may be empty in a row. */
export function optionalColumns(form: ConversationForm): readonly string[] {
  switch (form.kind) {
    case 'promptCompletion':
      return form.systemColumn === null ? [] : [form.systemColumn];
    case 'alpaca':
      return form.inputColumn === null ? [] : [form.inputColumn];
    case 'messages':
    case 'shareGpt':
      return [];
    default:
      return form satisfies never;
  }
}

/**
 * What of a conversation the loss is of: the last answer alone (`completions`), all answers (`assistantTurns`), or
 * every token (`everything`).
 */
export const LearnedTurns = z.enum(['completions', 'assistantTurns', 'everything']);
export type LearnedTurns = z.infer<typeof LearnedTurns>;
