import { noTarget } from '../losses/cross-entropy.js';
import { ProblemError } from '../problem-error.js';
import type { NamedInput } from './split-rows.js';

/**
 * Turns label strings into class numbers, in the order of `labels`, and null into `noTarget`.
 * Errors: ProblemError UNKNOWN_LABEL, which names up to five labels that the head does not know.
 */
export function classesOf(
  values: readonly (string | null)[],
  labels: readonly string[],
  column: NamedInput,
): Int32Array {
  const classOf = new Map(labels.map((label, index) => [label, index]));
  const unknown = new Map<string, number>();
  const targets = new Int32Array(values.length);
  for (const [row, value] of values.entries()) {
    const target = value === null ? noTarget : classOf.get(value);
    if (target === undefined) unknown.set(value ?? '', (unknown.get(value ?? '') ?? 0) + 1);
    else targets[row] = target;
  }
  if (unknown.size === 0) return targets;
  const named = [...unknown].slice(0, 5).map(([label, count]) => `“${label.slice(0, 80)}” (${count})`);
  throw new ProblemError({
    path: [...column.path],
    code: 'UNKNOWN_LABEL',
    message:
      `column “${column.name}” holds ${unknown.size} label(s) that the head does not know: ${named.join(', ')}` +
      (unknown.size > named.length ? ', …' : ''),
    hint: `The head knows ${labels.length} labels. Train a head with these labels, or correct the column.`,
  });
}
