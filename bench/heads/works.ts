import type { ClassWeights, TargetHeadSpec } from '../../src/protocol/heads.js';
import type { HeadsSpec } from '../../src/protocol/methods/index.js';
import { hyperparameters, multiTaskSpec, supervisedSpec } from '../../tests/support/specs.js';
import type { Row, SplitCounts, Splits } from './data.js';
import { readGoEmotions } from './goemotions.js';
import type { Budget, WorkName } from './scale.js';
import { readSick } from './sick.js';
import { readSnips } from './snips.js';

/** One head of a work, and where its targets are. */
export interface WorkTask {
  readonly task: string;
  readonly kind: TargetHeadSpec['kind'];
  readonly column: string;
}

/** Real data, and the heads that are trained on it together. */
export interface Work {
  readonly name: WorkName;
  readonly title: string;
  /** Folder within the data's. */
  readonly read: (folder: string, counts: SplitCounts) => Splits;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  /** Columns and their types in DuckDB. */
  readonly columns: Readonly<Record<string, string>>;
  readonly tasks: readonly WorkTask[];
}

export const works: readonly Work[] = [
  {
    name: 'sick',
    title: 'SICK: relatedness as a number and entailment as a class, of one pair',
    read: readSick,
    textColumn: 'first',
    pairColumn: 'second',
    columns: { first: 'VARCHAR', second: 'VARCHAR', relatedness: 'DOUBLE', entailment: 'VARCHAR' },
    tasks: [
      { task: 'relatedness', kind: 'regression', column: 'relatedness' },
      { task: 'entailment', kind: 'classification', column: 'entailment' },
    ],
  },
  {
    name: 'snips',
    title: 'SNIPS: tags of words and the intent, of one text',
    read: readSnips,
    textColumn: 'words',
    pairColumn: null,
    columns: { words: 'VARCHAR[]', tags: 'VARCHAR[]', intent: 'VARCHAR' },
    tasks: [
      { task: 'tags', kind: 'tokenClassification', column: 'tags' },
      { task: 'intent', kind: 'classification', column: 'intent' },
    ],
  },
  {
    name: 'goemotions',
    title: 'GoEmotions: any number of 28 labels',
    read: readGoEmotions,
    textColumn: 'text',
    pairColumn: null,
    columns: { text: 'VARCHAR', emotions: 'VARCHAR[]' },
    tasks: [{ task: 'emotions', kind: 'multiLabel', column: 'emotions' }],
  },
];

/**
 * The labels that occur in a column, in alphabetical order. All splits count: what a head does not have can't be
 * scored.
 */
export function labelsOf(column: string, { train, validation, test }: Splits): string[] {
  const labels = [...train, ...validation, ...test].flatMap((row: Row) => row[column] as string | readonly string[]);
  return [...new Set(labels)].sort();
}

/** The spec that Attune's recipe is given: several heads train with a loss weight of 1 each. */
export function specOf(
  work: Work,
  of: {
    readonly modelDigest: string;
    readonly datasetDigest: string;
    /** By column. */
    readonly labels: Readonly<Record<string, readonly string[]>>;
    readonly budget: Budget;
    readonly seed: number;
  },
): HeadsSpec {
  const common = {
    baseModelDigest: of.modelDigest,
    datasetDigest: of.datasetDigest,
    textColumn: work.textColumn,
    pairColumn: work.pairColumn,
    hyperparameters: { ...hyperparameters, ...of.budget, seed: of.seed, dropout: null, checkpointEverySteps: 10_000 },
  };
  const tasks = work.tasks.map((each) => ({
    name: each.task,
    weight: 1,
    head: headOf(each, of.labels[each.column] ?? []),
  }));
  return tasks.length === 1
    ? supervisedSpec({ ...common, head: tasks[0]!.head })
    : multiTaskSpec({ ...common, tasks, lossWeighting: 'fixed' });
}

const classWeights: ClassWeights = { kind: 'none' };

function headOf({ kind, column }: WorkTask, names: readonly string[]): TargetHeadSpec {
  const labels = [...names];
  switch (kind) {
    case 'classification':
      return { kind, labelColumn: column, labels, classWeights };
    case 'multiLabel':
      return { kind, labelColumn: column, labels, classWeights, thresholds: { kind: 'chosen' } };
    case 'regression':
      return { kind, targetColumns: [column] };
    case 'tokenClassification':
      return { kind, tagColumn: column, labels, scheme: 'iob2', classWeights };
    default:
      return kind satisfies never;
  }
}
