import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { findLabelErrors, selfConfidence } from './confident-learning.js';
import { dealFolds, predictOutOfFold, standardize } from './cross-validation.js';
import { createFinding, showRows } from './finding.js';
import type { FrozenExamples } from './frozen-features.js';
import { type FileColumn, inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';
import { counted, named, percent } from './wording.js';

const folds = 5;

/** A stronger penalty than scikit-learn's, since some labels are wrong. */
const c = 0.1;

/**
 * Labels that are probably wrong: a probe on frozen features is cross-validated, and confident learning says which
 * examples belong to another class. Classes with fewer examples than folds are left out.
 */
export async function findLikelyLabelErrors(
  tools: ReportTools,
  file: ReportedFile,
  column: FileColumn,
  examples: FrozenExamples,
  seed: number,
): Promise<ReportFinding[]> {
  const { names, data, chosen } = labelledExamples(examples);
  const [text] = inputColumns(file);
  if (names.length < 2 || text === undefined) return [];
  const probabilities = predictOutOfFold(data, dealFolds(data.labels, folds, seed), {
    c,
    tolerance: 1e-3,
    maxIterations: 60,
    beat: tools.beat,
  });
  const outOfFold = { probabilities, labels: data.labels, classes: names.length };
  const errors = findLabelErrors(outOfFold, 'pruneByNoiseRate');
  if (errors.length === 0) return [];
  const count = chosen.length;
  const shown = errors.map((example) => {
    const row = probabilities.subarray(example * names.length, (example + 1) * names.length);
    const likely = row.indexOf(row.reduce((most, each) => Math.max(most, each)));
    return {
      row: examples.rows[chosen[example]!]!,
      detail: `The label is “${names[data.labels[example]!]}” (${percent(selfConfidence(outOfFold, example))}), and “${names[likely]}” is likely (${percent(row[likely]!)}).`,
    };
  });
  return [
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
}

/** The examples that can be cross-validated, with numbers for labels. `chosen`: their positions among all examples. */
function labelledExamples({ features, dimensions, labels }: FrozenExamples) {
  const spellings = new Map<string, { name: string; count: number }>();
  const keys = labels.map((label) => (label === null ? null : withoutVariants(label)));
  for (const [i, key] of keys.entries()) {
    if (key === null) continue;
    const spelling = spellings.get(key) ?? { name: labels[i]!, count: 0 };
    spelling.count++;
    spellings.set(key, spelling);
  }
  const classes = [...spellings].filter(([, { count }]) => count >= folds).sort(([a], [b]) => (a < b ? -1 : 1));
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
  return { names, data, chosen };
}

/** A label without what variants differ in, which are findings of their own and no errors of the kind meant here. */
function withoutVariants(label: string): string {
  return label
    .normalize('NFC')
    .trim()
    .replaceAll(/\p{White_Space}+/gu, ' ')
    .toLowerCase();
}
