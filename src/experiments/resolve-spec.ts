import { checkSplit } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkTargetColumn, type TargetFacts, type TargetQuery } from '../datasets/targets.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { type HeadSpec, readsTokens } from '../protocol/heads.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { CreateExperimentInput } from './experiment.input.js';
import { type HeadRequest, targetsOf } from './heads/request.js';
import { checkTargetColumns, resolveHead } from './heads/resolve.js';
import { type ModelOfExperiment, resolveHyperparameters } from './hyperparameters.js';
import type { MethodRequest } from './methods/request.js';
import { methodRequest } from './methods/resolve.js';

type Version = Pick<DatasetVersionRow, 'digest' | 'columns' | 'splits'>;
type Input = Pick<
  CreateExperimentInput,
  'method' | 'trainSplit' | 'validationSplit' | 'unknownLabels' | 'hyperparameters'
>;

/** The problems of an input that the version's columns and splits show alone, before any row is read. */
function checkAgainstVersion(input: Input, request: MethodRequest, version: Version): InputProblem[] {
  const problems = [
    ...request.checkTextColumns(version),
    ...checkSplit(version, input.trainSplit, ['trainSplit']),
    ...checkSplit(version, input.validationSplit, ['validationSplit']),
  ];
  if (input.trainSplit === input.validationSplit) {
    const message = 'The validation split is the training split: it would only measure how much was memorized.';
    problems.push(problem(['validationSplit'], 'INVALID_VALUE', message));
  }
  return [...problems, ...knownHeads(request).flatMap((head) => checkTargets(head, request, version))];
}

/** The problems of a head's target columns. */
function checkTargets(head: HeadRequest, { textColumns, pairs }: MethodRequest, version: Version): InputProblem[] {
  const problems = targetsOf(head).flatMap((target) => [
    ...checkTargetColumn(version, head.kind, target),
    ...(textColumns.includes(target.name)
      ? [problem(target.path, 'INVALID_VALUE', 'The text column can not be a target column too.')]
      : []),
  ]);
  if (head.kind === 'regression') {
    problems.push(...checkTargetColumns(head.input.targetColumns, [...head.path, 'targetColumns']));
  }
  if (readsTokens(head) && pairs !== null) {
    const message = 'Words are tagged in single texts: such a head can not read a second text.';
    problems.push(problem(head.path, 'INVALID_VALUE', message, 'Leave out `textPairColumn`.'));
  }
  return problems;
}

/**
 * The targets to read from the data: columns that exist and have the right types, in rows with texts. Null: nothing.
 */
export function targetsToRead(input: Input, version: Version): TargetQuery | null {
  const request = methodRequest(input.method);
  const { textColumns } = request;
  const heads = knownHeads(request)
    .filter((head) => areThere(head, version))
    .map((head) => ({ kind: head.kind, columns: targetsOf(head).map(({ name }) => name) }));
  const hasTexts = textColumns.every((column) => version.columns.some(({ name }) => name === column));
  return hasTexts && heads.length > 0 ? { digest: version.digest, textColumns, heads } : null;
}

/**
 * The run's spec, with labels, defaults and digests filled in. Throws ProblemsError with all problems.
 * @param facts the result of `targetsToRead`; null when there was nothing to read
 */
export function resolveSpec(
  input: Input,
  version: Version,
  baseModel: { readonly digest: string; readonly manifest: ModelOfExperiment },
  facts: TargetFacts | null,
): RunSpec {
  const request = methodRequest(input.method);
  const { manifest } = baseModel;
  const problems = [...checkAgainstVersion(input, request, version), ...request.problems];
  if (request.pairs !== null) problems.push(...checkReadsPairs(manifest.config, request.pairs));
  const existing = (split: string) => (version.splits.some(({ name }) => name === split) ? split : null);
  const [train, validation] = [existing(input.trainSplit), existing(input.validationSplit)];
  // Labels of a missing column can't be resolved; the missing column was reported before.
  const heads = request.heads.flatMap((head): HeadSpec[] => {
    if (head === null || facts === null || train === null || !areThere(head, version)) return [];
    const resolved = resolveHead(head, facts, { train, validation, refusesUnknown: input.unknownLabels === 'refuse' });
    problems.push(...resolved.problems);
    return [resolved.head];
  });
  const { hyperparameters, problems: hyperparameterProblems } = resolveHyperparameters(
    input.hyperparameters,
    manifest,
    request.measured,
  );
  problems.push(...hyperparameterProblems);
  if (problems.length > 0) throw new ProblemsError(problems);
  const { trainSplit, validationSplit } = input;
  const base = { baseModelDigest: baseModel.digest, datasetDigest: version.digest, trainSplit, validationSplit };
  return request.specOf({ ...base, hyperparameters }, heads);
}

function knownHeads({ heads }: MethodRequest): HeadRequest[] {
  return heads.filter((head) => head !== null);
}

function areThere(head: HeadRequest, version: Version): boolean {
  return targetsOf(head).every((target) => checkTargetColumn(version, head.kind, target).length === 0);
}
