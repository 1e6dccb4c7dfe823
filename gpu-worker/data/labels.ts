import { noTarget } from '../losses/cross-entropy.js';
import { ProblemError } from '../problem-error.js';
import type { NamedInput } from './split-rows.js';

/**
 * What becomes of labels that a head does not know. `refuse`: they are a problem, as in what a head learns from.
 * `count`: they are wrong whatever the head says, as in what it is measured on.
 */
export type UnknownLabels = 'refuse' | 'count';

/** Labels as class numbers. */
export interface ReadClasses {
  /** Numbers in the order of the head's C labels; C + i for `unknown[i]`; `noTarget` where there is no label. */
  readonly classes: Int32Array;
  /** Labels that the head does not know, in the order of their first occurrence. */
  readonly unknown: readonly string[];
}

/**
 * Turns label strings into class numbers, in the order of `labels`, and null into `noTarget`.
 * Errors: ProblemError UNKNOWN_LABEL, if labels that the head does not know are refused.
 */
export function classesOf(
  values: readonly (string | null)[],
  labels: readonly string[],
  column: NamedInput,
  unknownLabels: UnknownLabels,
): ReadClasses {
  const classOf = new Map(labels.map((label, index) => [label, index]));
  const unknown = new Map<string, number>();
  const classes = new Int32Array(values.length);
  for (const [row, value] of values.entries()) {
    if (value === null) {
      classes[row] = noTarget;
      continue;
    }
    const known = classOf.get(value);
    if (known === undefined && !unknown.has(value)) unknown.set(value, labels.length + unknown.size);
    classes[row] = known ?? unknown.get(value)!;
  }
  if (unknown.size > 0 && unknownLabels === 'refuse') throw unknownLabel(values, labels, column);
  return { classes, unknown: [...unknown.keys()] };
}

/**
 * Refuses labels of which the head knows none: every score would be 0, and a loss over no example, 0 as well, would
 * look like the best. Errors: ProblemError UNKNOWN_LABEL.
 */
export function requireKnown(
  values: readonly (string | null)[],
  { classes, unknown }: ReadClasses,
  labels: readonly string[],
  column: NamedInput,
): void {
  const isKnown = (number: number) => number !== noTarget && number < labels.length;
  if (unknown.length > 0 && !classes.some(isKnown)) throw unknownLabel(values, labels, column);
}

/** A problem that names up to five of the labels that the head does not know, with their counts. */
export function unknownLabel(
  values: readonly (string | null)[],
  labels: readonly string[],
  column: NamedInput,
): ProblemError {
  const known = new Set(labels);
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null && !known.has(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const named = [...counts].slice(0, 5).map(([label, count]) => `“${label.slice(0, 80)}” (${count})`);
  return new ProblemError({
    path: [...column.path],
    code: 'UNKNOWN_LABEL',
    message:
      `column “${column.name}” holds ${counts.size} label(s) that the head does not know: ${named.join(', ')}` +
      (counts.size > named.length ? ', …' : ''),
    hint: `The head knows ${labels.length} labels. Train a head with these labels, or correct the column.`,
  });
}
