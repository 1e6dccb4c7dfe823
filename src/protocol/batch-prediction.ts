import { z } from 'zod';
import type { ModelHead } from './heads.js';

/** The formats of a file of predictions. */
export const BatchFormat = z.enum(['jsonLines', 'csv', 'parquet']);
export type BatchFormat = z.infer<typeof BatchFormat>;

/** What a column that a batch prediction adds holds, row by row. */
export const ResultContent = z.enum([
  /** Split of the row in its dataset version. */
  'split',
  /** The most likely label of a classification. */
  'label',
  /** The labels that a multi-label head predicts, most likely first. */
  'labels',
  /** A number that a regression predicts. */
  'number',
  /** The entities that a token classification finds, with their places in the text. */
  'spans',
  /** How likely the label is. */
  'probability',
  /** How likely each of the predicted labels is, in their order. */
  'labelProbabilities',
  /** All labels of a classification with their probabilities, most likely first. */
  'allLabels',
  /** All labels of a multi-label head with probabilities, thresholds and whether they are predicted. */
  'allDecisions',
  /** Whether the text was cut. */
  'truncated',
  /** Why the row has no prediction; null where it has one. */
  'error',
]);
export type ResultContent = z.infer<typeof ResultContent>;

export const ResultColumn = z.object({
  name: z.string(),
  content: ResultContent,
  /** The head; null for what is said of the row as a whole. */
  task: z.string().nullable(),
  /** Position among the outputs of a regression; null for other contents. */
  output: z.number().int().nullable(),
});
export type ResultColumn = z.infer<typeof ResultColumn>;

/** Why a row has no prediction. */
export const rowErrors = {
  EMPTY_TEXT: 'A text is missing, or holds only white space.',
  UNREAD_ANSWER: 'The model reads no token of the answer, as of an empty one where no token ends answers.',
  TEXT_TOO_LONG: 'A text whose words are to be tagged has more than 100,000 characters.',
  NON_FINITE: 'The model gave a number that is not finite.',
} as const;
export type RowError = keyof typeof rowErrors;

/**
 * Whether a text has nothing to predict from. Single predictions and batch predictions refuse the same texts; of an
 * answer a reward model says what it is worth, though it is empty.
 */
export function isEmptyText(text: string): boolean {
  return text.trim() === '';
}

/** How far a batch prediction has come. */
export const BatchProgress = z.object({ rowsDone: z.number().int().min(0), rowsTotal: z.number().int().min(0) });
export type BatchProgress = z.infer<typeof BatchProgress>;

/**
 * The columns that predictions of these heads add to the columns of the rows. No name equals another one, whatever the
 * case of its letters: SQL would not tell them apart.
 *
 * @param taken names of the columns that the rows have
 */
export function resultColumns(
  heads: readonly ModelHead[],
  options: { readonly taken: readonly string[]; readonly withSplit: boolean; readonly withProbabilities: boolean },
): ResultColumn[] {
  const used = new Set(options.taken.map((name) => name.toLowerCase()));
  const free = (wanted: string): string => {
    let name = wanted;
    for (let count = 2; used.has(name.toLowerCase()); count++) name = `${wanted}_${count}`;
    used.add(name.toLowerCase());
    return name;
  };
  const column = (name: string, content: ResultContent, task: string | null, output: number | null = null) => ({
    name: free(name),
    content,
    task,
    output,
  });
  return [
    ...(options.withSplit ? [column('split', 'split', null)] : []),
    ...heads.flatMap((head) => columnsOfHead(head, options.withProbabilities).map((each) => column(...each))),
    column('prediction_truncated', 'truncated', null),
    column('prediction_error', 'error', null),
  ];
}

type WantedColumn = readonly [name: string, content: ResultContent, task: string, output?: number];

function columnsOfHead(head: ModelHead, withProbabilities: boolean): WantedColumn[] {
  const { kind, task } = head;
  const name = `predicted_${task}`;
  switch (kind) {
    case 'classification':
      return [
        [name, 'label', task],
        [`${name}_probability`, 'probability', task],
        ...(withProbabilities ? ([[`${name}_probabilities`, 'allLabels', task]] as const) : []),
      ];
    case 'multiLabel':
      return [
        [name, 'labels', task],
        [`${name}_probability`, 'labelProbabilities', task],
        ...(withProbabilities ? ([[`${name}_probabilities`, 'allDecisions', task]] as const) : []),
      ];
    case 'regression':
      return head.outputs.map((output, i) => [
        head.outputs.length === 1 ? name : `${name}_${output}`,
        'number',
        task,
        i,
      ]);
    case 'reward':
      return [[name, 'number', task, 0]];
    case 'tokenClassification':
      return [[name, 'spans', task]];
    default:
      return head satisfies never;
  }
}
