import { z } from 'zod';
import { Sha256 } from './sha256.js';

const count = z.number().int().min(0);

/**
 * Which texts an export was checked on: rows of the test split or the validation split of the experiment that made the
 * model, rows that it held out of its training split, a few texts that Attune brings along, or, where the tokenizer can
 * read none of these, tokens drawn from the vocabulary.
 */
export const CheckedTexts = z.enum(['testSplit', 'validationSplit', 'heldOutPart', 'broughtAlong', 'drawnTokens']);
export type CheckedTexts = z.infer<typeof CheckedTexts>;

export const CheckedRows = z.object({
  texts: CheckedTexts,
  /** Null unless they are rows of a dataset version. */
  datasetDigest: Sha256.nullable(),
  split: z.string().nullable(),
  /** Numbers of the rows in the dataset version, or of the texts that are brought along; a long text may be several. */
  rows: z.array(count),
  tokenCount: count,
});
export type CheckedRows = z.infer<typeof CheckedRows>;

/** What ran the files: Attune's own graphs, made anew from the files alone, or a bare session of ONNX Runtime. */
export const ParityRunner = z.enum(['freshGraph', 'onnxRuntime']);
export type ParityRunner = z.infer<typeof ParityRunner>;

/** How the numbers of the files are kept. */
export const ParityPrecision = z.enum(['float32', 'float16', 'int8', 'q8_0']);
export type ParityPrecision = z.infer<typeof ParityPrecision>;

/** One output of the model: that of a head, the logits of tokens, or states. */
export const ParityOutput = z.object({
  name: z.string(),
  /** Null unless it is of a head. */
  task: z.string().nullable(),
  /** Numbers that were compared. */
  count,
  /**
   * The largest difference of a number from the trained model's, over the largest magnitude of the numbers of its row,
   * or over the root mean square of all rows where that is larger.
   */
  largestDifference: z.number().min(0),
  /** Of answers (a label, a set of labels, a tag, a token): how many there are, and how many are the same. */
  answers: z.object({ count, same: count }).nullable(),
});
export type ParityOutput = z.infer<typeof ParityOutput>;

/** A score of the trained model and of the export, on the same rows. */
export const ParityScore = z.object({
  /** Null unless it is of a head. */
  task: z.string().nullable(),
  /** A path into the scores of a task: `accuracy`, `micro.f1`, `perplexity`. */
  measure: z.string(),
  trained: z.number(),
  exported: z.number(),
});
export type ParityScore = z.infer<typeof ParityScore>;

/** The check of one file that can be run, or of the files that make one model. */
export const ParityCheck = z.object({
  /** The file that holds the weights, or the first of several. */
  file: z.string(),
  precision: ParityPrecision,
  runner: ParityRunner,
  /** The largest difference that is allowed. */
  tolerance: z.number().positive(),
  outputs: z.array(ParityOutput).min(1),
  /** None where the texts have no targets. */
  scores: z.array(ParityScore),
  /** How the export differs from the base model without its adapter; null for a model without an adapter. */
  base: z
    .object({
      /** As `largestDifference`, of the export from the base model. */
      largestDifference: z.number().min(0),
      /**
       * How much of what the adapter changed in the outputs the export has: 1 for all of it, 0 for none. Null where the
       * adapter changes nothing.
       */
      adapterShare: z.number().nullable(),
    })
    .nullable(),
});
export type ParityCheck = z.infer<typeof ParityCheck>;

/** What was found when the files of an export were read back and run, on texts that the model was not trained on. */
export const ParityCertificate = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('checked'),
    rows: CheckedRows,
    checks: z.array(ParityCheck).min(1),
  }),
  /** The files were written, and not run: the worker had too little memory. */
  z.object({
    kind: z.literal('notChecked'),
    reason: z.literal('notEnoughMemory'),
    neededBytes: count,
    availableBytes: count,
  }),
]);
export type ParityCertificate = z.infer<typeof ParityCertificate>;
