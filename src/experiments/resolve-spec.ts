import { checkPairColumn, checkSplit, checkTextColumn } from '../datasets/check-columns.js';
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
type Input = Pick<CreateExperimentInput, 'method' | 'trainSplit' | 'validationSplit' | 'hyperparameters'>;

/** What can be said of an input by the version's columns and splits alone, before any row is read. */
function checkAgainstVersion(input: Input, request: MethodRequest, version: Version): InputProblem[] {
  const { textColumn, pairColumn, path } = request;
  const pairPath = [...path, 'textPairColumn'];
  const problems = [
    ...checkTextColumn(version, textColumn, [...path, 'textColumn']),
    ...(pairColumn === null ? [] : checkPairColumn(version, textColumn, pairColumn, pairPath)),
    ...checkSplit(version, input.trainSplit, ['trainSplit']),
    ...checkSplit(version, input.validationSplit, ['validationSplit']),
  ];
  if (input.trainSplit === input.validationSplit) {
    const message = 'The validation split is the training split: it would measure what was learnt by heart.';
    problems.push(problem(['validationSplit'], 'INVALID_VALUE', message));
  }
  return [...problems, ...knownHeads(request).flatMap((head) => checkTargets(head, request, version))];
}

/** What is wrong with the columns of a head's targets. */
function checkTargets(head: HeadRequest, { textColumn, pairColumn }: MethodRequest, version: Version): InputProblem[] {
  const problems = targetsOf(head).flatMap((target) => [
    ...checkTargetColumn(version, head.kind, target),
    ...(target.name === textColumn || target.name === pairColumn
      ? [problem(target.path, 'INVALID_VALUE', 'The labels can not be the texts.')]
      : []),
  ]);
  if (head.kind === 'regression') {
    problems.push(...checkTargetColumns(head.input.targetColumns, [...head.path, 'targetColumns']));
  }
  if (readsTokens(head) && pairColumn !== null) {
    const message = 'Words are tagged in single texts: there is no place for a second one.';
    problems.push(problem(head.path, 'INVALID_VALUE', message, 'Leave out `textPairColumn`.'));
  }
  return problems;
}

/** What has to be read of the data: targets in columns that are there and of the right types, of rows with texts. Null: nothing. */
export function targetsToRead(input: Input, version: Version): TargetQuery | null {
  const request = methodRequest(input.method);
  const { textColumn, pairColumn } = request;
  const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
  const heads = knownHeads(request)
    .filter((head) => areThere(head, version))
    .map((head) => ({ kind: head.kind, columns: targetsOf(head).map(({ name }) => name) }));
  const hasTexts = textColumns.every((column) => version.columns.some(({ name }) => name === column));
  return hasTexts && heads.length > 0 ? { digest: version.digest, textColumns, heads } : null;
}

/**
 * The run's spec: labels, defaults and digests filled in. Throws ProblemsError with all that is wrong.
 * @param facts of `targetsToRead`; null when there was nothing to read
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
  if (request.pairColumn !== null) {
    problems.push(...checkReadsPairs(manifest.config, [...request.path, 'textPairColumn']));
  }
  const existing = (split: string) => (version.splits.some(({ name }) => name === split) ? split : null);
  const [train, validation] = [existing(input.trainSplit), existing(input.validationSplit)];
  // Of what is not there no labels can be found; that it is not has been reported.
  const heads = request.heads.flatMap((head): HeadSpec[] => {
    if (head === null || facts === null || train === null || !areThere(head, version)) return [];
    const resolved = resolveHead(head, facts, { train, validation });
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
