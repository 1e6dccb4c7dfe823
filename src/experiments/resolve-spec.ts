import { checkSplit } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkTargetColumn, type TargetFacts, type TargetQuery } from '../datasets/targets.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { readsTokens, type TargetHeadSpec } from '../protocol/heads.js';
import { type HeldOut, heldOutPartOf } from '../protocol/held-out.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { CreateExperimentInput } from './experiment.input.js';
import { checkRepeatedLabels } from './heads/labels.js';
import { type HeadRequest, targetsOf } from './heads/request.js';
import { checkTargetColumns, resolveHead } from './heads/resolve.js';
import { cannotDivide, validationSplitOf } from './held-out.js';
import { type ModelOfExperiment, resolveHyperparameters } from './hyperparameters.js';
import type { NamedMethodInput } from './methods/columns.js';
import type { MethodRequest } from './methods/request.js';
import { methodRequest } from './methods/resolve.js';

type Version = Pick<DatasetVersionRow, 'digest' | 'columns' | 'splits'>;
/** What an input names beside its base model and its data; null or absent where it does not. */
interface Referred {
  /** The dataset version of the control texts, or of a policy's judged answers. */
  readonly control?: Version | null;
  /** The model that a policy is compared with. */
  readonly reference?: {
    readonly digest: string;
    readonly manifest: Pick<ModelManifest, 'config' | 'heads' | 'tokenizer'>;
  } | null;
}

interface Input
  extends Pick<CreateExperimentInput, 'trainSplit' | 'validationSplit' | 'unknownLabels' | 'hyperparameters'> {
  readonly method: NamedMethodInput;
}

/** The problems of an input that the version's columns and splits show alone, before any row is read. */
function checkAgainstVersion(input: Input, request: MethodRequest, version: Version): InputProblem[] {
  return [
    ...request.checkTextColumns(version),
    ...checkSplits(input, version),
    ...knownHeads(request).flatMap((head) => checkTargets(head, request, version)),
  ];
}

/** The problems of the splits that the version shows alone. */
export function checkSplits(input: Pick<Input, 'trainSplit' | 'validationSplit'>, version: Version): InputProblem[] {
  const problems = [
    ...checkSplit(version, input.trainSplit, ['trainSplit']),
    ...(input.validationSplit == null ? [] : checkSplit(version, input.validationSplit, ['validationSplit'])),
  ];
  if (input.trainSplit === input.validationSplit) {
    const message = 'The validation split is the training split: it would only measure how much was memorized.';
    const hint = 'Without `validationSplit`, some examples are held out of the training split, and measured on.';
    problems.push(problem(['validationSplit'], 'INVALID_VALUE', message, hint));
  }
  return problems;
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
  return hasTexts && (heads.length > 0 || request.learns !== 'heads')
    ? { digest: version.digest, textColumns, heads }
    : null;
}

/**
 * The run's spec, with labels, defaults and digests filled in. Throws ProblemsError with all problems.
 * @param facts the result of `targetsToRead`; null when there was nothing to read
 * @param heldOut how the training split is divided; null unless `validationSplitOf` finds no split, and where there is
 * nothing to divide
 * @param referred what else the input names
 */
export function resolveSpec(
  input: Input,
  version: Version,
  baseModel: { readonly digest: string; readonly manifest: ModelOfExperiment },
  facts: TargetFacts | null,
  heldOut: HeldOut | null = null,
  { control = null, reference = null }: Referred = {},
): RunSpec {
  const request = methodRequest(input.method);
  const { manifest } = baseModel;
  const problems = checkInput(input, request, version, manifest, { control, reference });
  const { trainSplit } = input;
  // The fold of a cross-validation is measured, whatever splits the version has.
  const chosen = heldOut?.fold === undefined ? validationSplitOf(input, version) : null;
  // Labels of a missing or empty split can't be resolved; the split was reported before.
  const existing = (split: string) =>
    version.splits.some(({ name, exampleCount }) => name === split && exampleCount > 0) ? split : null;
  const train = existing(trainSplit);
  const part = heldOut !== null && (facts?.counts.labelled[heldOutPartOf(trainSplit)] ?? 0) > 0;
  const validation = chosen !== null ? existing(chosen) : part ? heldOutPartOf(trainSplit) : null;
  // Labels of a missing column can't be resolved; the missing column was reported before.
  const ofHeads: InputProblem[] = [];
  const heads = request.heads.flatMap((head): TargetHeadSpec[] => {
    if (head === null || facts === null || train === null || !areThere(head, version)) return [];
    const resolved = resolveHead(head, facts, { train, validation, refusesUnknown: input.unknownLabels === 'refuse' });
    ofHeads.push(...resolved.problems);
    return [resolved.head];
  });
  // A split is often not divided because a column is none of targets: then that is what is told.
  if (heldOut !== null && !part && ofHeads.length === 0) {
    const doubtful = knownHeads(request).flatMap((head) => checkDivisible(head, facts, trainSplit));
    ofHeads.push(...(doubtful.length > 0 ? doubtful : [cannotDivide(trainSplit)]));
  }
  problems.push(...ofHeads);
  const { hyperparameters, problems: ofHyperparameters } = checkedHyperparameters(
    input,
    request,
    manifest,
    facts?.counts.labelled[trainSplit] ?? 0,
  );
  problems.push(...ofHyperparameters);
  if (problems.length > 0) throw new ProblemsError(problems);
  const base = {
    baseModelDigest: baseModel.digest,
    datasetDigest: version.digest,
    trainSplit,
    validationSplit: chosen ?? trainSplit,
    ...(heldOut === null ? {} : { heldOut }),
  };
  return request.specOf({ ...base, hyperparameters }, heads, manifest, {
    control: control?.digest ?? null,
    reference: reference?.digest ?? null,
  });
}

/** The problems of an input that show without any row: of columns, splits, method, models and hyperparameters. */
export function checkWithoutRows(
  input: Input,
  version: Version,
  model: ModelOfExperiment,
  referred: Referred = {},
): InputProblem[] {
  const request = methodRequest(input.method);
  const { exampleCount = 0 } = version.splits.find(({ name }) => name === input.trainSplit) ?? {};
  return [
    ...checkInput(input, request, version, model, referred),
    ...checkedHyperparameters(input, request, model, exampleCount).problems,
  ];
}

function checkInput(
  input: Input,
  request: MethodRequest,
  version: Version,
  model: ModelOfExperiment,
  { control = null, reference = null }: Referred,
): InputProblem[] {
  return [
    ...checkAgainstVersion(input, request, version),
    ...request.problems,
    ...request.checkModel(model),
    ...(control === null ? [] : (request.control?.check(control) ?? [])),
    ...(reference === null ? [] : (request.checkReference?.(reference.manifest, model) ?? [])),
    ...(request.pairs === null ? [] : checkReadsPairs(model.config, request.pairs)),
  ];
}

function checkedHyperparameters(
  { hyperparameters: asked }: Input,
  request: MethodRequest,
  model: ModelOfExperiment,
  trainExamples: number,
) {
  const { measured, learns, objective } = request;
  const resolved = resolveHyperparameters(asked, model, trainExamples, measured(model), learns, objective);
  const { hyperparameters, problems } = resolved;
  return { hyperparameters, problems: [...problems, ...(request.checkHyperparameters?.(hyperparameters) ?? [])] };
}

function checkDivisible(head: HeadRequest, facts: TargetFacts | null, trainSplit: string): InputProblem[] {
  if (head.kind !== 'classification' || facts === null) return [];
  return checkRepeatedLabels(head.input.labelColumn, facts.counts, trainSplit, [...head.path, 'labelColumn']);
}

function knownHeads({ heads }: MethodRequest): HeadRequest[] {
  return heads.filter((head) => head !== null);
}

function areThere(head: HeadRequest, version: Version): boolean {
  return targetsOf(head).every((target) => checkTargetColumn(version, head.kind, target).length === 0);
}
