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

/**
 * The majority vote of each unit. A tie stays one: it is not broken by chance, nor by an order of the labels. Time
 * O(answers · log(answers of a unit)), however many labels there are.
 */
export function majorityVotes({ units, labels, starts, labelOf }: AnswerTable): MajorityVote[] {
  return units.map((unit, u) => {
    const given = labelOf.slice(starts[u]!, starts[u + 1]!).sort();
    let most = 0;
    let tied: number[] = [];
    for (let from = 0, to = 0; from < given.length; from = to) {
      while (to < given.length && given[to] === given[from]) to++;
      if (to - from > most) tied = [];
      most = Math.max(most, to - from);
      if (to - from === most) tied.push(given[from]!);
    }
    const named = tied.map((label) => labels[label]!);
    const label = named.length === 1 ? named[0]! : null;
    return { unit, label, tied: named, share: most / given.length, answerCount: given.length };
  });
}

/** How often each label was given to unit u, [labels]. */
export function voteCounts({ labels, starts, labelOf }: AnswerTable, u: number): Float64Array {
  const counts = new Float64Array(labels.length);
  for (let answer = starts[u]!; answer < starts[u + 1]!; answer++) counts[labelOf[answer]!]!++;
  return counts;
}
