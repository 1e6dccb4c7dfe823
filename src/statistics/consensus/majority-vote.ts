import type { AnswerTable, Label } from '../answers.js';

/** What most people said of a unit. */
export interface MajorityVote {
  readonly unit: string;
  /** The label with the most answers; null where several have as many. */
  readonly label: Label | null;
  /** The labels with the most answers, in the order of the table's labels: several where the vote is tied. */
  readonly tied: readonly Label[];
  /** The share of the answers that each of them has. */
  readonly share: number;
  readonly answerCount: number;
}

/** The majority vote of each unit. A tie stays one: it is not broken by chance, nor by an order of the labels. */
export function majorityVotes(table: AnswerTable): MajorityVote[] {
  return table.units.map((unit, u) => {
    const counts = voteCounts(table, u);
    const answerCount = table.starts[u + 1]! - table.starts[u]!;
    const most = counts.reduce((greatest, count) => Math.max(greatest, count), 0);
    const tied = table.labels.filter((_, label) => counts[label] === most);
    return { unit, label: tied.length === 1 ? tied[0]! : null, tied, share: most / answerCount, answerCount };
  });
}

/** How often each label was given to unit u, [labels]. */
export function voteCounts({ labels, starts, labelOf }: AnswerTable, u: number): Float64Array {
  const counts = new Float64Array(labels.length);
  for (let answer = starts[u]!; answer < starts[u + 1]!; answer++) counts[labelOf[answer]!]!++;
  return counts;
}
