import { z } from 'zod';

const baseNames = ['minilm', 'use-lite'] as const;
export type BaseName = (typeof baseNames)[number];

const methodNames = ['full', 'lora', 'heads'] as const;
export type MethodName = (typeof methodNames)[number];

export const datasetNames = ['banking77', 'clinc150', 'sms-spam', 'sick', 'snips', 'glosses', 'eight-intents'] as const;
export type DatasetName = (typeof datasetNames)[number];

/** One training: what is trained on what, with which of the hyperparameters whose defaults are chosen here. */
export const Cell = z.object({
  base: z.enum(baseNames),
  method: z.enum(methodNames),
  dataset: z.enum(datasetNames),
  /** Of the training split. */
  examples: z.number().int(),
  validationExamples: z.number().int(),
  learningRate: z.number(),
  epochs: z.number().int(),
  batchSize: z.number().int(),
});
export type Cell = z.infer<typeof Cell>;

/** What a cell came to. */
export const CellResult = z.object({
  ...Cell.shape,
  /** After each epoch, on the validation split: accuracy, or Pearson's r where the head gives a number. */
  scores: z.array(z.number()),
  /** After the last epoch. */
  loss: z.number(),
  seconds: z.number(),
});
export type CellResult = z.infer<typeof CellResult>;

/** One name for each training; a kept one is not trained again. */
export function nameOf(cell: Cell): string {
  const { base, method, dataset, examples, validationExamples, learningRate, epochs, batchSize } = cell;
  const data = `${dataset} ${examples}+${validationExamples}`;
  return `${base} ${method} ${data} rate ${learningRate} epochs ${epochs} batch ${batchSize}`;
}

export const baseTitles: { readonly [Name in BaseName]: string } = {
  minilm: 'MiniLM',
  'use-lite': 'Universal Sentence Encoder Lite',
};

export const methodTitles: { readonly [Name in MethodName]: string } = {
  full: 'all weights',
  lora: 'LoRA',
  heads: 'the head alone',
};
