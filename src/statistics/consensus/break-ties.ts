import type { AnswerTable } from '../answers.js';

/**
 * The majority vote of each unit as places of labels, [units], ties broken as cleanlab breaks them: by the classifier's
 * probability, then for the label that fewer answers have in all, then for the one that was given by the people who
 * agree more with untied votes; last, for the first label.
 *
 * @param votes [units][labels]
 * @param predicted [units][labels]
 */
export function breakTies(
  table: AnswerTable,
  votes: readonly Float64Array[],
  predicted: readonly ArrayLike<number>[],
): number[] {
  const leaders = votes.map((counts) => greatest([...counts.keys()], (label) => counts[label]!));
  const answersOfLabel = new Float64Array(table.labels.length);
  for (const label of table.labelOf) answersOfLabel[label]!++;
  const agreement = agreementWithUntied(table, leaders);
  return leaders.map((tied, u) => {
    if (tied.length === 1) return tied[0]!;
    const likely = greatest(tied, (label) => predicted[u]![label]!);
    const rare = greatest(likely, (label) => -answersOfLabel[label]!);
    if (rare.length === 1) return rare[0]!;
    return greatest(rare, (label) => meanOfVoters(table, u, label, agreement))[0]!;
  });
}

/** Those of some labels whose value is greatest. */
function greatest(labels: readonly number[], value: (label: number) => number): number[] {
  const most = labels.reduce((found, label) => Math.max(found, value(label)), Number.NEGATIVE_INFINITY);
  return labels.filter((label) => value(label) === most);
}

/** How often each person gave the label of votes that are not tied; the mean of the others for one who gave no such. */
function agreementWithUntied(table: AnswerTable, leaders: readonly (readonly number[])[]): Float64Array {
  const equal = new Float64Array(table.annotators.length);
  const answers = new Float64Array(table.annotators.length);
  for (const [u, tied] of leaders.entries()) {
    if (tied.length > 1) continue;
    for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
      answers[table.annotatorOf[answer]!]!++;
      if (table.labelOf[answer] === tied[0]) equal[table.annotatorOf[answer]!]!++;
    }
  }
  const shares = equal.map((count, a) => count / answers[a]!);
  const known = shares.filter((_, a) => answers[a]! > 0);
  const mean = known.length === 0 ? 0 : known.reduce((sum, share) => sum + share, 0) / known.length;
  return shares.map((share, a) => (answers[a]! > 0 ? share : mean));
}

function meanOfVoters(table: AnswerTable, u: number, label: number, values: Float64Array): number {
  let [sum, voters] = [0, 0];
  for (let answer = table.starts[u]!; answer < table.starts[u + 1]!; answer++) {
    if (table.labelOf[answer] !== label) continue;
    sum += values[table.annotatorOf[answer]!]!;
    voters++;
  }
  return sum / voters;
}
