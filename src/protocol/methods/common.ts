import { z } from 'zod';
import type { HeadSpec } from '../heads.js';
import { HeldOut } from '../held-out.js';
import { Hyperparameters } from '../hyperparameters.js';
import { Sha256 } from '../sha256.js';

/** What every method trains from. */
export const base = {
  baseModelDigest: Sha256,
  /** Digest of the dataset version's Parquet file. */
  datasetDigest: Sha256,
  trainSplit: z.string().min(1),
  /** The training split itself, if examples are held out of it. */
  validationSplit: z.string().min(1),
  /** Left out where the validation split is one of its own. */
  heldOut: HeldOut.optional(),
  hyperparameters: Hyperparameters,
};

/** The columns of methods that read single texts or pairs of them. */
export const texts = {
  /** A column of texts, or of lists of words, which are joined by spaces. */
  textColumn: z.string().min(1),
  /** Second text of each example, for tasks on pairs; rows without one are left out. */
  pairColumn: z.string().min(1).nullable().default(null),
};

/** The columns of an example's texts, one or two. */
export function textColumnsOf({ textColumn, pairColumn }: z.infer<z.ZodObject<typeof texts>>): string[] {
  return pairColumn === null ? [textColumn] : [textColumn, pairColumn];
}

/** A column of the dataset version, and where the spec names it. */
export interface ColumnUse {
  readonly name: string;
  readonly path: readonly string[];
}

/** A head to train, under the name of its task, and where it stands in the spec. */
export interface TaskHead<Spec extends HeadSpec = HeadSpec> {
  readonly task: string;
  readonly head: Spec;
  readonly path: readonly string[];
}

/** The columns of a head's targets. @param path of the head in the spec */
export function targetUses(head: HeadSpec, path: readonly string[]): ColumnUse[] {
  const use = (name: string, ...at: string[]): ColumnUse => ({ name, path: [...path, ...at] });
  switch (head.kind) {
    case 'classification':
    case 'multiLabel':
      return [use(head.labelColumn, 'labelColumn')];
    case 'regression':
      return head.targetColumns.map((name, index) => use(name, 'targetColumns', String(index)));
    case 'tokenClassification':
      return [use(head.tagColumn, 'tagColumn')];
    case 'reward':
      return [];
    default:
      return head satisfies never;
  }
}
