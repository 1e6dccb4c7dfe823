/**
 * Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset
 * Labels"), as their library cleanlab computes it: which labels are probably wrong, by probabilities of a model that
 * did not see the examples.
 */

/** What a model says of examples that it did not see. */
export interface OutOfFold {
  /** [N, K] */
  readonly probabilities: Float64Array;
  /** The given labels [N], of 0 … K − 1. */
  readonly labels: Int32Array;
  readonly classes: number;
}

/**
 * How labels that are said to be wrong are chosen. `pruneByNoiseRate`: for each pair of classes, as many as the joint
 * counts, of the greatest margin. `pruneByClass`: for each class, as many as the joint counts, of the least confidence
 * in the label. `both`: what both choose. `confidentLearning`: what lies beside the diagonal of the joint.
 */
export type LabelErrorRule = 'pruneByNoiseRate' | 'pruneByClass' | 'both' | 'confidentLearning';

/** Thresholds are compared with this tolerance, as cleanlab does. */
const tolerance = 1e-6;

/**
 * Counts the examples with a given label (row) that confidently belong to a class (column): whose probability reaches
 * the mean probability of that class among the examples that have its label. Of several such classes the most probable
 * one counts.
 *
 * @returns the counts [K, K], scaled to the number of examples that have each label; `offDiagonal`: the examples that
 * confidently belong to another class than that of their label
 */
export function confidentJoint(data: OutOfFold): { readonly joint: Float64Array; readonly offDiagonal: number[] } {
  const { probabilities, labels, classes } = data;
  const thresholds = confidentThresholds(data);
  const counts = new Float64Array(classes * classes);
  const offDiagonal: number[] = [];
  for (const [example, label] of labels.entries()) {
    let guess = -1;
    for (let k = 0; k < classes; k++) {
      const probability = probabilities[example * classes + k]!;
      if (probability < thresholds[k]! - tolerance) continue;
      if (guess === -1) guess = k;
      // Of several confident classes, the most probable counts; as in cleanlab, that of all classes is taken.
      else {
        guess = mostProbable(data, example);
        break;
      }
    }
    if (guess === -1) continue;
    counts[label * classes + guess]!++;
    if (guess !== label) offDiagonal.push(example);
  }
  for (let k = 0; k < classes; k++) counts[k * (classes + 1)] = Math.max(1, counts[k * (classes + 1)]!);
  return { joint: calibrate(counts, labels, classes), offDiagonal };
}

/**
 * The examples whose labels are probably wrong, the worst first: by the probability of the label (`selfConfidence`), or
 * by how much it is below the most probable other class (`normalizedMargin`).
 */
export function findLabelErrors(
  data: OutOfFold,
  rule: LabelErrorRule,
  rankedBy: 'selfConfidence' | 'normalizedMargin' = 'selfConfidence',
): number[] {
  const quality = rankedBy === 'selfConfidence' ? selfConfidence : normalizedMargin;
  return choose(data, rule)
    .filter((example) => !isPredicted(data, example))
    .map((example) => ({ example, quality: quality(data, example) }))
    .sort((a, b) => a.quality - b.quality || a.example - b.example)
    .map(({ example }) => example);
}

function choose(data: OutOfFold, rule: LabelErrorRule): number[] {
  const { joint, offDiagonal } = confidentJoint(data);
  switch (rule) {
    case 'pruneByNoiseRate':
      return [...pruneByNoiseRate(data, joint)];
    case 'pruneByClass':
      return [...pruneByClass(data, joint)];
    case 'both': {
      const byClass = pruneByClass(data, joint);
      return [...pruneByNoiseRate(data, joint)].filter((example) => byClass.has(example));
    }
    case 'confidentLearning':
      return offDiagonal;
    default:
      return rule satisfies never;
  }
}

/** The probability of the given label. */
export function selfConfidence({ probabilities, labels, classes }: OutOfFold, example: number): number {
  return probabilities[example * classes + labels[example]!]!;
}

/** (p(label) − the greatest other probability + 1) / 2: from 0 to 1, below 0.5 where another class is more probable. */
function normalizedMargin({ probabilities, labels, classes }: OutOfFold, example: number): number {
  const label = labels[example]!;
  let other = 0;
  for (let k = 0; k < classes; k++) {
    if (k !== label) other = Math.max(other, probabilities[example * classes + k]!);
  }
  return (probabilities[example * classes + label]! - other + 1) / 2;
}

/** By class, the mean probability of the class among the examples that have its label; 2 for a class without any. */
function confidentThresholds({ probabilities, labels, classes }: OutOfFold): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (const [example, label] of labels.entries()) {
    sums[label]! += probabilities[example * classes + label]!;
    counts[label]!++;
  }
  return sums.map((sum, k) => (counts[k] === 0 ? 2 : Math.max(2 * tolerance, sum / counts[k]!)));
}

/** Scales each row of counts to the number of examples with its label, in whole numbers with the same sum. */
function calibrate(counts: Float64Array, labels: Int32Array, classes: number): Float64Array {
  const labelled = new Float64Array(classes);
  for (const label of labels) labelled[label]!++;
  const joint = new Float64Array(classes * classes);
  for (let k = 0; k < classes; k++) {
    const row = counts.subarray(k * classes, (k + 1) * classes);
    const sum = row.reduce((all, each) => all + each, 0);
    joint.set(roundKeepingSum(row.map((each) => (each / sum) * labelled[k]!)), k * classes);
  }
  return joint;
}

/** Rounds, and then moves those with the greatest rest until the sum is that of the numbers, rounded. */
function roundKeepingSum(numbers: Float64Array): Float64Array {
  const rounded = numbers.map(roundHalfToEven);
  const sum = (values: Float64Array) => roundHalfToEven(values.reduce((all, each) => all + each, 0));
  const wanted = sum(numbers);
  while (sum(rounded) !== wanted) {
    const missing = wanted - sum(rounded);
    const order = Array.from(numbers.keys()).sort((a, b) => numbers[a]! - rounded[a]! - (numbers[b]! - rounded[b]!));
    if (missing > 0) order.reverse();
    for (const i of order.slice(0, Math.abs(missing))) rounded[i]! += missing > 0 ? 1 : -1;
  }
  return rounded;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * How many examples of each label (row) are to be pruned as belonging to a class (column). At least one example of each
 * label is kept; what that takes is taken from its noise rates in equal parts.
 */
function pruneCounts(joint: Float64Array, classes: number): Float64Array {
  const counts = joint.slice();
  for (let k = 0; k < classes; k++) {
    const row = counts.subarray(k * classes, (k + 1) * classes);
    const diagonal = Math.max(1, row[k]!);
    const added = diagonal - row[k]!;
    const rates = Math.max(1, row.reduce((count, each) => count + (each === 0 ? 0 : 1), 0) - 1);
    for (let j = 0; j < classes; j++) row[j] = Math.floor(Math.max(0, row[j]! - added / rates));
    row[k] = diagonal;
  }
  return counts;
}

function pruneByNoiseRate(data: OutOfFold, joint: Float64Array): Set<number> {
  const { probabilities, classes } = data;
  const counts = pruneCounts(joint, classes);
  const chosen = new Set<number>();
  for (const [k, examples] of examplesByLabel(data).entries()) {
    if (examples.length <= 1) continue;
    for (let j = 0; j < classes; j++) {
      const count = counts[k * classes + j]!;
      if (j === k || count === 0) continue;
      const margin = (example: number) => probabilities[example * classes + j]! - probabilities[example * classes + k]!;
      for (const example of sortedBy(examples, (each) => -margin(each)).slice(0, count)) chosen.add(example);
    }
  }
  return chosen;
}

function pruneByClass(data: OutOfFold, joint: Float64Array): Set<number> {
  const counts = pruneCounts(joint, data.classes);
  const chosen = new Set<number>();
  for (const [k, examples] of examplesByLabel(data).entries()) {
    if (examples.length <= 1) continue;
    const count = Math.max(0, examples.length - counts[k * (data.classes + 1)]!);
    for (const example of sortedBy(examples, (each) => selfConfidence(data, each)).slice(0, count)) chosen.add(example);
  }
  return chosen;
}

function examplesByLabel({ labels, classes }: OutOfFold): number[][] {
  const examples: number[][] = Array.from({ length: classes }, () => []);
  for (const [example, label] of labels.entries()) examples[label]!.push(example);
  return examples;
}

function sortedBy(examples: readonly number[], key: (example: number) => number): number[] {
  return examples
    .map((example) => ({ example, key: key(example) }))
    .sort((a, b) => a.key - b.key || a.example - b.example)
    .map(({ example }) => example);
}

/** Whether the given label is the most probable one, or as probable but for the tolerance. */
function isPredicted({ probabilities, labels, classes }: OutOfFold, example: number): boolean {
  const own = probabilities[example * classes + labels[example]!]! + tolerance;
  for (let k = 0; k < classes; k++) {
    if (k !== labels[example] && probabilities[example * classes + k]! > own) return false;
  }
  return true;
}

function mostProbable({ probabilities, classes }: OutOfFold, example: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) {
    if (probabilities[example * classes + k]! > probabilities[example * classes + best]!) best = k;
  }
  return best;
}
