import type { LabelCounts } from '../datasets/dataset-commands.js';
import { targetColumnsOf } from '../protocol/heads.js';
import { measuredSplitOf } from '../protocol/held-out.js';
import { headsOf, type RunSpec } from '../protocol/methods/index.js';

const mostLabels = 100;

/** The labels of the validation split that a head does not learn. */
export interface UnknownLabelsOfTask {
  readonly task: string;
  readonly column: string;
  /** How often such labels occur. */
  readonly count: number;
  readonly labelCount: number;
  /** The most frequent of them. */
  readonly labels: readonly { readonly label: string; readonly count: number }[];
}

/** An entry for each head that does not learn all labels of the validation split. */
export function unknownLabelsOf(spec: RunSpec, counts: LabelCounts): UnknownLabelsOfTask[] {
  const measured = measuredSplitOf(spec);
  return headsOf(spec).flatMap(({ task, head }): UnknownLabelsOfTask[] => {
    if (head.kind === 'regression' || head.kind === 'reward') return [];
    const known = new Set(head.labels);
    const column = targetColumnsOf(head)[0]!;
    const found = (counts.labels[column] ?? [])
      .filter(({ split, label }) => split === measured && !known.has(label))
      .map(({ label, count }) => ({ label, count }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
    if (found.length === 0) return [];
    const count = found.reduce((sum, each) => sum + each.count, 0);
    return [{ task, column, count, labelCount: found.length, labels: found.slice(0, mostLabels) }];
  });
}
