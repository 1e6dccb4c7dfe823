import { type Architecture, headHasBias } from '../../src/protocol/architectures/index.js';
import type { TaskScores, UnknownTargets } from '../../src/protocol/evaluation-scores.js';
import {
  type ModelHead,
  readsTokens,
  type TargetHead,
  type TargetHeadSpec,
  type TargetKind,
} from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import type { TaskHead } from '../../src/protocol/methods/index.js';
import type { UnknownLabels } from '../data/labels.js';
import type { ColumnValues, TargetColumn } from '../data/split-rows.js';
import type { WordSpan } from '../data/word-spans.js';
import { describeUnknown, unknownAmong } from '../metrics/unknown-targets.js';
import * as classification from './classification.js';
import { type RowTargets, type TargetSource, type Targets, type TrainedHead, targetsOf } from './head-kind.js';
import type { Head } from './linear-head.js';
import * as multiLabel from './multi-label.js';
import * as regression from './regression.js';
import * as reward from './reward.js';
import * as tokenClassification from './token-classification.js';

export type { RowTargets, TargetSource, Targets, TrainedHead } from './head-kind.js';
export { type Head, headOf, headOutputs, headShapes, headTensors, headToTrain } from './linear-head.js';
export { readsTokens };

/** The columns that a head's targets come from, and what their values are read as. */
export function targetColumnsOf({ head, columns }: TargetSource): TargetColumn[] {
  const as = valuesOf(targetKind(head));
  return columns.map((column) => ({ ...column, as }));
}

/** The kind of a head that columns are targets of. A reward head learns from comparisons, by a recipe of its own. */
function targetKind({ kind, task }: Pick<Head, 'kind' | 'task'>): TargetKind {
  if (kind === 'reward') throw new RangeError(`the head ${task} learns from comparisons and has no columns of targets`);
  return kind;
}

function valuesOf(kind: TargetKind): ColumnValues['as'] {
  switch (kind) {
    case 'classification':
      return 'text';
    case 'multiLabel':
    case 'tokenClassification':
      return 'texts';
    case 'regression':
      return 'number';
    default:
      return kind satisfies never;
  }
}

/**
 * Reads a head's targets from its columns, for all rows with a text.
 * Errors: ProblemError UNKNOWN_LABEL, UNEQUAL_LENGTHS; `keep` of the result throws EMPTY_SPLIT where the cut of the
 * texts leaves no tagged word.
 *
 * @param words of each row; only heads that read tokens need them
 */
export function readTargets(
  source: TargetSource,
  columns: readonly ColumnValues[],
  words: readonly (readonly WordSpan[])[] | null,
  unknownLabels: UnknownLabels,
): RowTargets {
  const kind = targetKind(source.head);
  switch (kind) {
    case 'classification':
      return classification.readTargets(valuesIn(columns, 'text')[0]!, source, unknownLabels);
    case 'multiLabel':
      return multiLabel.readTargets(valuesIn(columns, 'texts')[0]!, source, unknownLabels);
    case 'regression':
      return regression.readTargets(valuesIn(columns, 'number'), source);
    case 'tokenClassification':
      return tokenClassification.readTargets(valuesIn(columns, 'texts')[0]!, source, words ?? [], unknownLabels);
    default:
      return kind satisfies never;
  }
}

type ValuesAs<As extends ColumnValues['as']> = Extract<ColumnValues, { readonly as: As }>['values'];

function valuesIn<As extends ColumnValues['as']>(columns: readonly ColumnValues[], as: As): ValuesAs<As>[] {
  return columns.map((column) => {
    if (column.as !== as) throw new RangeError(`a column was read as ${column.as}, not ${as}`);
    return column.values as ValuesAs<As>;
  });
}

/**
 * Prepares a head for its training: inputs, loss, and weights of its targets.
 * @param targets of the training split. Errors: ProblemError UNKNOWN_LABEL (of a class weight).
 */
export function prepareHead(
  { task, head, path }: TaskHead<TargetHeadSpec>,
  targets: Targets,
  config: { readonly architecture: Architecture },
): TrainedHead {
  switch (head.kind) {
    case 'classification':
      return classification.prepare(task, head, targetsOf(targets, 'classification'), path);
    case 'multiLabel':
      return multiLabel.prepare(task, head, targetsOf(targets, 'multiLabel'), path);
    case 'regression':
      return regression.prepare(task, head, targetsOf(targets, 'regression'), headHasBias(config, head));
    case 'tokenClassification':
      return tokenClassification.prepare(task, head, targetsOf(targets, 'tokenClassification'), path);
    default:
      return head satisfies never;
  }
}

/**
 * Adds to a trained head what its spec leaves to the validation split: the thresholds of labels.
 * @param outputs of all validation examples, in their order
 */
export function settleHead(
  spec: TargetHeadSpec,
  head: TargetHead,
  outputs: Float32Array,
  targets: Targets,
): TargetHead {
  if (!isSettledLater(spec) || head.kind !== 'multiLabel') return head;
  return multiLabel.withChosenThresholds(head, outputs, targetsOf(targets, 'multiLabel'));
}

/** Whether something of the head is chosen on the validation split. */
export function isSettledLater(spec: TargetHeadSpec): boolean {
  return spec.kind === 'multiLabel' && spec.thresholds.kind === 'chosen';
}

/** What a head does not know of its targets; null when it knows all. */
export function unknownIn({ outputs }: Head, targets: Targets): UnknownTargets | null {
  switch (targets.kind) {
    case 'classification':
      return describeUnknown(unknownAmong(targets.classes, targets.unknown, outputs.length));
    case 'multiLabel':
      return describeUnknown([...targets.unknown.values()].flat(), targets.unknown.size);
    case 'tokenClassification':
      return describeUnknown(unknownAmong(targets.tags, targets.unknown, outputs.length));
    case 'regression':
      return null;
    default:
      return targets satisfies never;
  }
}

/** Scores a head's outputs against targets. @param outputs [N,K], or [tokens,K] of a head that reads tokens */
export function scoreHead(head: TargetHead, outputs: Float32Array, targets: Targets): TaskScores {
  switch (head.kind) {
    case 'classification':
      return classification.score(head, outputs, targetsOf(targets, 'classification'));
    case 'multiLabel':
      return multiLabel.score(head, outputs, targetsOf(targets, 'multiLabel'));
    case 'regression':
      return regression.score(head, outputs, targetsOf(targets, 'regression'));
    case 'tokenClassification':
      return tokenClassification.score(head, outputs, targetsOf(targets, 'tokenClassification'));
    default:
      return head satisfies never;
  }
}

/**
 * What a head predicts for one text.
 * @param outputs [N,K], or [tokens,K] of a head that reads tokens
 * @param words of the text that the model read; `token` is the row of `outputs` for a word's first token
 */
export function predictHead(
  head: ModelHead,
  outputs: Float32Array,
  row: number,
  words: readonly (WordSpan & { readonly token: number })[],
): TaskPrediction {
  switch (head.kind) {
    case 'classification':
      return classification.predict(head, outputs, row);
    case 'multiLabel':
      return multiLabel.predict(head, outputs, row);
    case 'regression':
      return regression.predict(head, outputs, row);
    case 'reward':
      return reward.predict(head, outputs, row);
    case 'tokenClassification':
      return tokenClassification.predict(head, outputs, words);
    default:
      return head satisfies never;
  }
}
