import type { LabelCounts } from '../../datasets/dataset-commands.js';
import { hasTargets, type LabelledKind } from '../../datasets/targets.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { maxLabelLength, maxLabels } from '../../protocol/heads.js';

const shownLabels = 5;
/** A number as the columns of files have it. */
const number = /^-?(\d+(\.\d+)?|\.\d+)(e[-+]?\d+)?$/i;

const shownCharacters = 40;

/** From this share of different values among all on, a column hardly is one of classes. */
const uniqueShare = 0.9;

/** The splits of an experiment. */
export interface ResolvedSplits {
  readonly train: string;
  /** Null: there is none to check. */
  readonly validation: string | null;
  /**
   * Whether labels of the validation split that the training split does not have are a problem. Otherwise they count as
   * wrong, unless the validation split has no others.
   */
  readonly refusesUnknown?: boolean;
}

/**
 * The labels of a column, sorted by their characters' codes so that the same data give the same order, and the problems
 * that prevent training on them.
 *
 * @param path of the column in the input
 */
export function resolveLabels(
  column: string,
  counts: LabelCounts,
  splits: ResolvedSplits,
  kind: LabelledKind,
  path: readonly string[],
): { readonly labels: readonly string[]; readonly problems: readonly InputProblem[] } {
  const found = counts.labels[column] ?? [];
  const labelsIn = (split: string) => new Set(found.filter((each) => each.split === split).map(({ label }) => label));
  const train = labelsIn(splits.train);
  const validation = splits.validation === null ? train : labelsIn(splits.validation);
  const labels = [...train].sort();
  const least = kind === 'multiLabel' ? 1 : 2;
  const problems: InputProblem[] = [];
  if (train.size < least) {
    const what = train.size === 0 ? 'no label' : `only one label, ${quoted(labels[0]!)}`;
    problems.push(
      problem(
        path,
        'TOO_FEW_LABELS',
        `In the split “${splits.train}” the column “${column}” has ${what}; ${least === 1 ? 'at least one is required' : 'at least two are required'}.`,
        'Choose another column, or split the data so that each label is in the training split.',
      ),
    );
  }
  if (train.size > maxLabels) {
    problems.push(
      problem(
        path,
        'TOO_MANY_LABELS',
        `The column “${column}” has ${train.size} different values; a head has at most ${maxLabels}.`,
        labels.every((label) => number.test(label))
          ? `They are numbers, which a regression head predicts: \`head: { regression: { targetColumns: ["${column}"] } }\`.`
          : 'Is this column really a label? Texts and identifiers are not labels.',
      ),
    );
  }
  const long = labels.find((label) => label.length > maxLabelLength);
  if (long !== undefined) {
    problems.push(
      problem(
        path,
        'TOO_LONG',
        `The column “${column}” has a value of ${long.length} characters, ${quoted(long)}; a label has at most ${maxLabelLength}.`,
        'Is this column really a label? Texts and identifiers are not labels.',
      ),
    );
  }
  const withNul = labels.find((label) => label.includes('\0'));
  if (withNul !== undefined) {
    problems.push(
      problem(
        path,
        'INVALID_VALUE',
        `The column “${column}” has a value with a NUL character, which labels can not have: ${quoted(withNul)}.`,
        'Remove the character, and upload the file again.',
      ),
    );
  }
  if (splits.validation !== null && !hasTargets(counts, kind, column, splits.validation)) {
    problems.push(
      problem(
        path,
        'EMPTY_SPLIT',
        `In the split “${splits.validation}” no example has a label in the column “${column}”.`,
        'Choose another validation split.',
      ),
    );
  }
  const unknown = [...validation].filter((label) => !train.has(label)).sort();
  const isProblem = splits.refusesUnknown === true || unknown.length === validation.size;
  if (unknown.length > 0 && isProblem && train.size >= least) {
    const named = unknown.slice(0, shownLabels).map(quoted);
    const which = unknown.length === validation.size ? 'only labels' : 'labels';
    problems.push(
      problem(
        path,
        'UNKNOWN_LABEL',
        `In the column “${column}” the split “${splits.validation}” has ${which} that “${splits.train}” does not have: ${named.join(', ')}${unknown.length > named.length ? `, and ${unknown.length - named.length} more` : ''}.`,
        kind === 'classification' && hasDoubtfulClasses(found)
          ? areClasses(column, found)
          : `A model can not learn a label that it never sees: ${remedyOf(kind)}, or ${unknown.length < validation.size ? 'let such rows count as wrong, by `unknownLabels: COUNT`' : 'remove these rows'}.`,
      ),
    );
  }
  return { labels, problems };
}

/**
 * The problem of a column of classes that leaves no example to hold out, because each has a label of its own; none of
 * another column.
 *
 * @param split that can not be divided
 * @param path of the column in the input
 */
export function checkRepeatedLabels(
  column: string,
  counts: LabelCounts,
  split: string,
  path: readonly string[],
): InputProblem[] {
  const found = (counts.labels[column] ?? []).filter((each) => each.split === split);
  if (found.length === 0 || !hasDoubtfulClasses(found)) return [];
  const message = `In the split “${split}” nearly every example has a label of its own in the column “${column}”: none can be held out whose label the others have.`;
  return [problem(path, 'UNKNOWN_LABEL', message, areClasses(column, found))];
}

/** Asks whether a column of doubtful classes is one of classes. */
function areClasses(column: string, found: LabelCounts['labels'][string]): string {
  return found.every(({ label }) => number.test(label))
    ? `Is this column one of classes? Numbers are predicted by the head \`regression\`: \`head: { regression: { targetColumns: ["${column}"] } }\`.`
    : 'Is this column one of classes? Its values are nearly all different, as texts and identifiers are: name the column of the labels here, and that of the texts as `textColumn`.';
}

/** Whether a column's values are numbers, or nearly all different, as quantities, texts and identifiers are. */
function hasDoubtfulClasses(found: LabelCounts['labels'][string]): boolean {
  const different = new Set(found.map(({ label }) => label));
  const rows = found.reduce((sum, { count }) => sum + count, 0);
  return different.size >= uniqueShare * rows || [...different].every((label) => number.test(label));
}

/** Splits are stratified by single values alone. */
function remedyOf(kind: LabelledKind): string {
  return kind === 'classification'
    ? 'stratify the splits by this column'
    : 'name the splits of the rows in a column, or draw them with another seed';
}

/** The beginning of a label, its NUL characters made visible. */
function quoted(label: string): string {
  const shown = label.slice(0, shownCharacters).replaceAll('\0', '␀');
  return label.length > shownCharacters ? `“${shown}…”` : `“${shown}”`;
}
