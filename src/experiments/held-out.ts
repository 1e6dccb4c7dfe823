import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { countTargets, type TargetQuery } from '../datasets/targets.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { type HeldOut, heldOutExamples } from '../protocol/held-out.js';

/** The split that is measured where the input names none. */
export const defaultValidationSplit = 'validation';

type Version = Pick<DatasetVersionRow, 'splits' | 'splitPlan'>;

/** The split to measure on; null: examples are to be held out of the training split. */
export function validationSplitOf(
  { validationSplit }: { readonly validationSplit?: string | null },
  { splits }: Pick<Version, 'splits'>,
): string | null {
  if (validationSplit != null) return validationSplit;
  const isThere = splits.some(({ name, exampleCount }) => name === defaultValidationSplit && exampleCount > 0);
  return isThere ? defaultValidationSplit : null;
}

/**
 * How examples are held out of a split; null where it has none. The seed is that of the version's own draw, so that all
 * experiments with the same heads hold out the same examples.
 *
 * @param keptTogether columns whose values are not to be in two parts, unless the version says which; null: the texts
 */
export async function drawHeldOut(
  examples: Pick<ExampleReader, 'countLabels'>,
  targets: TargetQuery,
  split: string,
  { splitPlan }: Pick<Version, 'splitPlan'>,
  keptTogether: readonly string[] | null = null,
): Promise<HeldOut | null> {
  const { textColumns, heads } = targets;
  const count = (await countTargets(examples, targets)).labelled[split] ?? 0;
  if (count === 0) return null;
  const { seed, keepTogether } = splitPlan;
  // Rows with equal texts are equal in the texts and further columns, too: whoever keeps the former together keeps the
  // latter.
  const isImplied = textColumns.every((column) => keepTogether.includes(column));
  return {
    examples: heldOutExamples(count),
    seed: seed ?? 0,
    stratifyBy: heads.flatMap(({ kind, columns }) => (kind === 'regression' ? [] : columns)),
    keepTogether: keepTogether.length === 0 || isImplied ? [...(keptTogether ?? textColumns)] : [...keepTogether],
  };
}

/** The problem of a training split that can not be divided. */
export function cannotDivide(split: string): InputProblem {
  const message = `The split “${split}” can not be divided into examples to learn from and examples to measure on: it has too few texts with a target, or too many that are kept together or are the only one of their label.`;
  const hint = 'Name another split as `validationSplit`; or give the version other splits, by `resplitDatasetVersion`.';
  return problem(['validationSplit'], 'EMPTY_SPLIT', message, hint);
}

/** Why the training split is divided, for people. */
export const heldOutReason = `No validation split was given, and the dataset version has no examples in a split “${defaultValidationSplit}”.`;

/** Why the rows of a fold are held out, for people. */
export function foldReason({ column, number }: NonNullable<HeldOut['fold']>): string {
  return `The experiment belongs to a cross-validation: rows whose “${column}” is ${number} are held out.`;
}

/** What a person can do instead, for people. */
export const heldOutHint =
  'Name a split of the version as `validationSplit`; or give the version a split of its own for validation, by `resplitDatasetVersion`.';
