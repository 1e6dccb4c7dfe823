import type { LabelJudgement } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import { findLabelErrors, selfConfidence } from './confident-learning.js';
import { dealFolds, predictOutOfFold, standardize } from './cross-validation.js';
import { createFinding, showRows } from './finding.js';
import type { FrozenExamples } from './frozen-features.js';
import { type FileColumn, inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';

const folds = 5;

/** A stronger penalty than scikit-learn's, since some labels are wrong. */
const c = 0.1;

/**
 * The least examples of a class that is judged. Of e-mails whose labels are right, half of them spam, the probe on
 * hashed words calls 15 % wrong with 5 of each class, 13 % with 10, 5 % with 15, and 2 to 5 % from 20 to 100 on.
 */
const leastExamples = 20;

/**
 * Labels that are probably wrong: a probe on frozen features is cross-validated, and confident learning says which
 * examples belong to another class. Classes with fewer than 20 examples are left out.
 */
export async function findLikelyLabelErrors(
  tools: ReportTools,
  file: ReportedFile,
  column: FileColumn,
  examples: FrozenExamples,
  seed: number,
): Promise<{ readonly findings: ReportFinding[]; readonly judgement: LabelJudgement | null }> {
  const [text] = inputColumns(file);
  if (text === undefined) return { findings: [], judgement: null };
  const { names, data, chosen, left } = labelledExamples(examples);
  const judgement = judgementOf(column.name, names.length, chosen.length, left);
  if (judgement.judged === 0) return { findings: [], judgement };
  const probabilities = predictOutOfFold(data, dealFolds(data.labels, folds, seed), {
    c,
    tolerance: 1e-3,
    maxIterations: 60,
    beat: tools.beat,
  });
  const outOfFold = { probabilities, labels: data.labels, classes: names.length };
  const errors = findLabelErrors(outOfFold, 'pruneByNoiseRate');
  if (errors.length === 0) return { findings: [], judgement };
  const count = chosen.length;
  const shown = errors.map((example) => {
    const row = probabilities.subarray(example * names.length, (example + 1) * names.length);
    const likely = row.indexOf(row.reduce((most, each) => Math.max(most, each)));
    return {
      row: examples.rows[chosen[example]!]!,
      detail: `The label is “${names[data.labels[example]!]}” (${percent(selfConfidence(outOfFold, example))}), and “${names[likely]}” is likely (${percent(row[likely]!)}).`,
    };
  });
  const findings = [
    createFinding({
      code: 'LIKELY_LABEL_ERRORS',
      severity: errors.length / count >= 0.01 ? 'WARNING' : 'NOTICE',
      message: `${counted(errors.length, 'label')} of ${counted(count, 'example')} that were looked at (${percent(errors.length / count)}) in the column ${named([column.name])} ${errors.length === 1 ? 'is' : 'are'} probably wrong; the least likely come first.`,
      columns: [column.name],
      count: errors.length,
      of: count,
      examples: await showRows(tools, file, text, shown),
    }),
  ];
  return { findings, judgement };
}

/** @param left the sizes of the classes that are too small */
function judgementOf(column: string, classes: number, chosen: number, left: readonly number[]): LabelJudgement {
  const isJudged = classes >= 2;
  const leftOut = left.reduce((sum, count) => sum + count, 0) + (isJudged ? 0 : chosen);
  const [judged, notJudged] = isJudged ? [chosen, leftOut] : [0, leftOut];
  if (notJudged === 0) return { column, judged, notJudged, reason: null };
  const why = `With fewer than ${leastExamples} examples of a class, many right labels would be called wrong.`;
  const what = isJudged
    ? `${counted(left.length, 'class has', 'classes have')} too few examples to be judged.`
    : 'Fewer than two classes have enough examples to be judged.';
  return { column, judged, notJudged, reason: `${what} ${why}` };
}

/**
 * The examples that can be cross-validated, with numbers for labels. `chosen`: their positions among all examples;
 * `left`: how many examples the other classes have.
 */
function labelledExamples({ features, dimensions, labels }: FrozenExamples) {
  const spellings = new Map<string, { name: string; count: number }>();
  const keys = labels.map((label) => (label === null ? null : withoutVariants(label)));
  for (const [i, key] of keys.entries()) {
    if (key === null) continue;
    const spelling = spellings.get(key) ?? { name: labels[i]!, count: 0 };
    spelling.count++;
    spellings.set(key, spelling);
  }
  const classes = [...spellings].filter(([, { count }]) => count >= leastExamples).sort(([a], [b]) => (a < b ? -1 : 1));
  const left = [...spellings.values()].map(({ count }) => count).filter((count) => count < leastExamples);
  const names = classes.map(([, { name }]) => name);
  const numbers = new Map(classes.map(([key], i) => [key, i]));
  const chosen = [...keys.keys()].filter((i) => keys[i] !== null && numbers.has(keys[i]!));
  const own = new Float32Array(chosen.length * dimensions);
  for (const [i, example] of chosen.entries()) {
    own.set(features.subarray(example * dimensions, (example + 1) * dimensions), i * dimensions);
  }
  const data = {
    features: standardize(own, dimensions),
    labels: Int32Array.from(chosen, (example) => numbers.get(keys[example]!)!),
    dimensions,
    classes: names.length,
  };
  return { names, data, chosen, left };
}

/** A label without what variants differ in, which are findings of their own and no errors of the kind meant here. */
function withoutVariants(label: string): string {
  return label
    .normalize('NFC')
    .trim()
    .replaceAll(/\p{White_Space}+/gu, ' ')
    .toLowerCase();
}
