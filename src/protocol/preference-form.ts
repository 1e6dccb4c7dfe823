import { z } from 'zod';

const Column = z.string().min(1);

/**
 * How the rows of a dataset version hold judgements of answers. Columns of prompts and answers hold texts, or lists of
 * turns (`{ role, content }` or `{ from, value }`, and OpenAI's `{ messages }`). Without a column of prompts, the
 * prompt is what both answers of a pair begin with.
 */
export const PreferenceForm = z.discriminatedUnion('kind', [
  /** Two answers in a row, of which one is better. */
  z.object({
    kind: z.literal('pairs'),
    promptColumn: Column.nullable(),
    chosenColumn: Column,
    rejectedColumn: Column,
    /** Numbers from 0 on: how much better the chosen one is. */
    strengthColumn: Column.nullable(),
    /** Numbers from 0 to 1: how likely the chosen one is the better one. */
    probabilityColumn: Column.nullable(),
  }),
  /** One answer in a row, and a number that is larger for better answers. Answers to the same prompt are compared. */
  z.object({
    kind: z.literal('rated'),
    promptColumn: Column,
    completionColumn: Column,
    ratingColumn: Column,
  }),
  /** One answer in a row, and whether it is good. */
  z.object({
    kind: z.literal('thumbs'),
    promptColumn: Column.nullable(),
    completionColumn: Column,
    thumbColumn: Column,
  }),
]);
export type PreferenceForm = z.infer<typeof PreferenceForm>;

/** The columns of answers: a row that has none in one of them holds no judgement. One or two. */
export function answerColumns(form: PreferenceForm): readonly string[] {
  return form.kind === 'pairs' ? [form.chosenColumn, form.rejectedColumn] : [form.completionColumn];
}

/** The columns that a row needs, to be an example. */
export function requiredPreferenceColumns(form: PreferenceForm): readonly string[] {
  const prompt = form.promptColumn === null ? [] : [form.promptColumn];
  switch (form.kind) {
    case 'pairs':
      return [...answerColumns(form), ...prompt];
    case 'rated':
      return [...answerColumns(form), ...prompt, form.ratingColumn];
    case 'thumbs':
      return [...answerColumns(form), ...prompt, form.thumbColumn];
    default:
      return form satisfies never;
  }
}

/** All columns of a form, in the order of its fields, without those that it leaves out. */
export function preferenceColumns({ kind: _, ...columns }: PreferenceForm): readonly string[] {
  return Object.values(columns).filter((column): column is string => column !== null);
}
