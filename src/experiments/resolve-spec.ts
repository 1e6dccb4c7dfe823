import { checkLabelColumn, checkPairColumn, checkSplit, checkTextColumn } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { LabelCounts } from '../datasets/dataset-commands.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { type RunSpec, TaskSpec } from '../protocol/methods/index.js';
import { validationMeasures } from '../protocol/metric-definition.js';
import { resolveClassWeights } from './class-weights.js';
import type { CreateExperimentInput } from './experiment.input.js';
import { type ModelOfExperiment, resolveHyperparameters } from './hyperparameters.js';
import { resolveLabels } from './labels.js';
import type { ClassWeightsInput, MultiTaskInput, SupervisedInput } from './method.input.js';

const minTasks = 2;
const maxTasks = 16;

type Version = Pick<DatasetVersionRow, 'digest' | 'columns' | 'splits'>;
type Input = Pick<CreateExperimentInput, 'method' | 'trainSplit' | 'validationSplit' | 'hyperparameters'>;

/** A label column of the input, wherever the method has it. */
interface LabelColumn {
  readonly column: string;
  readonly classWeights: ClassWeightsInput | null | undefined;
  readonly path: readonly string[];
}

/** The columns that texts come from. */
interface TextColumns {
  readonly textColumn: string;
  readonly pairColumn: string | null;
  /** Of the method in the input. */
  readonly path: readonly string[];
}

/** What can be said of an input by the version's columns and splits alone, before any row is read. */
export function checkAgainstVersion(input: Input, version: Version): InputProblem[] {
  const { textColumn, pairColumn, path } = methodOf(input);
  const problems = [
    ...checkTextColumn(version, textColumn, [...path, 'textColumn']),
    ...(pairColumn === null ? [] : checkPairColumn(version, textColumn, pairColumn, [...path, 'textPairColumn'])),
    ...checkSplit(version, input.trainSplit, ['trainSplit']),
    ...checkSplit(version, input.validationSplit, ['validationSplit']),
  ];
  if (input.trainSplit === input.validationSplit) {
    const message = 'The validation split is the training split: it would measure what was learnt by heart.';
    problems.push(problem(['validationSplit'], 'INVALID_VALUE', message));
  }
  for (const { column, path: columnPath } of labelColumnsOf(input)) {
    problems.push(...checkLabelColumn(version, column, columnPath));
    if (column === textColumn || column === pairColumn) {
      problems.push(problem(columnPath, 'INVALID_VALUE', 'The labels can not be the texts.'));
    }
  }
  const { multiTask } = input.method;
  return multiTask == null ? problems : [...problems, ...checkTasks(multiTask)];
}

/** The label columns whose labels have to be counted: those that are there. */
export function columnsToCount(
  input: Input,
  version: Version,
): { textColumns: string[]; labelColumns: string[] } | null {
  const exists = (column: string) => version.columns.some(({ name }) => name === column);
  const { textColumn, pairColumn } = methodOf(input);
  const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
  const labelColumns = [...new Set(labelColumnsOf(input).map(({ column }) => column))].filter(exists);
  return textColumns.every(exists) && labelColumns.length > 0 ? { textColumns, labelColumns } : null;
}

/**
 * The run's spec: labels, defaults and digests filled in. Throws ProblemsError with all that is wrong.
 * @param counts of `columnsToCount`; null when there was nothing to count
 */
export function resolveSpec(
  input: Input,
  version: Version,
  baseModel: { readonly digest: string; readonly manifest: ModelOfExperiment },
  counts: LabelCounts | null,
): RunSpec {
  const problems = checkAgainstVersion(input, version);
  const { pairColumn, path: methodPath } = methodOf(input);
  if (pairColumn !== null) {
    problems.push(...checkReadsPairs(baseModel.manifest.config, [...methodPath, 'textPairColumn']));
  }
  const existing = (split: string) => (version.splits.some(({ name }) => name === split) ? split : null);
  const splits = { train: existing(input.trainSplit), validation: existing(input.validationSplit) };
  const heads = labelColumnsOf(input).map(({ column, classWeights: weights, path }) => {
    // What is not there has been reported; its labels can't be.
    const { train, validation } = splits;
    if (counts?.labels[column] === undefined || train === null)
      return { labels: [], classWeights: { kind: 'none' } as const };
    const { labels, problems: labelProblems } = resolveLabels(column, counts, { train, validation }, path);
    const weightsPath = [...path.slice(0, -1), 'classWeights'];
    const { classWeights, problems: weightProblems } = resolveClassWeights(weights, labels, weightsPath);
    problems.push(...labelProblems, ...weightProblems);
    return { labels: [...labels], classWeights };
  });
  const { hyperparameters, problems: hyperparameterProblems } = resolveHyperparameters(
    input.hyperparameters,
    baseModel.manifest,
    validationMetrics(input),
  );
  problems.push(...hyperparameterProblems);
  if (problems.length > 0) throw new ProblemsError(problems);

  const common = {
    baseModelDigest: baseModel.digest,
    datasetDigest: version.digest,
    textColumn: methodOf(input).textColumn,
    pairColumn: methodOf(input).pairColumn,
    trainSplit: input.trainSplit,
    validationSplit: input.validationSplit,
    hyperparameters,
  };
  const { supervised, multiTask } = input.method;
  if (supervised != null) {
    return { method: 'supervised', ...common, labelColumn: supervised.labelColumn, ...heads[0]! };
  }
  return {
    method: 'multiTask',
    ...common,
    tasks: multiTask!.tasks.map(({ name, labelColumn, weight }, i) => ({ name, labelColumn, weight, ...heads[i]! })),
    lossWeighting: multiTask!.lossWeighting,
  };
}

/** Metrics that are measured after each epoch, and so can be watched by early stopping. */
export function validationMetrics(input: Pick<Input, 'method'>): readonly string[] {
  const { multiTask } = input.method;
  if (multiTask == null) return validationMeasures.map((measure) => `validation/${measure}`);
  const ofTasks = multiTask.tasks.flatMap(({ name }) =>
    validationMeasures.map((measure) => `validation/${name}/${measure}`),
  );
  return ['validation/loss', ...ofTasks];
}

function methodOf({ method }: Pick<Input, 'method'>): TextColumns {
  const { supervised, multiTask } = method;
  // The schema's @oneOf lets nothing else through.
  const { textColumn, textPairColumn } = supervised ?? multiTask!;
  return {
    textColumn,
    pairColumn: textPairColumn ?? null,
    path: ['method', supervised == null ? 'multiTask' : 'supervised'],
  };
}

function labelColumnsOf({ method }: Pick<Input, 'method'>): LabelColumn[] {
  const { supervised, multiTask } = method;
  if (supervised != null) return [labelColumnOf(supervised)];
  return multiTask!.tasks.map(({ labelColumn, classWeights }, i) => ({
    column: labelColumn,
    classWeights,
    path: ['method', 'multiTask', 'tasks', String(i), 'labelColumn'],
  }));
}

function labelColumnOf({ labelColumn, classWeights }: SupervisedInput): LabelColumn {
  return { column: labelColumn, classWeights, path: ['method', 'supervised', 'labelColumn'] };
}

function checkTasks({ tasks }: MultiTaskInput): InputProblem[] {
  const path = ['method', 'multiTask', 'tasks'];
  const problems: InputProblem[] = [];
  if (tasks.length < minTasks) {
    problems.push(
      problem(path, 'REQUIRED', 'Several tasks means at least two.', 'For one label column use `supervised`.'),
    );
  }
  if (tasks.length > maxTasks) problems.push(problem(path, 'TOO_LONG', `There may be at most ${maxTasks} tasks.`));
  for (const [i, { name, labelColumn, weight }] of tasks.entries()) {
    const at = [...path, String(i)];
    if (!TaskSpec.shape.name.safeParse(name).success) {
      const message = 'A name is a letter, then up to 62 letters, digits, `_` or `-`.';
      problems.push(problem([...at, 'name'], 'INVALID_VALUE', message));
    }
    if (tasks.findIndex((task) => task.name === name) !== i) {
      problems.push(problem([...at, 'name'], 'INVALID_VALUE', `Another task is called “${name}”.`));
    }
    if (tasks.findIndex((task) => task.labelColumn === labelColumn) !== i) {
      problems.push(problem([...at, 'labelColumn'], 'INVALID_VALUE', `Another task learns “${labelColumn}” already.`));
    }
    if (!(weight > 0)) problems.push(problem([...at, 'weight'], 'INVALID_VALUE', 'Must be above 0.'));
  }
  return problems;
}
