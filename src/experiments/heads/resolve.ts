import { checkWords, type TargetFacts } from '../../datasets/targets.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { maxOutputs, type TargetHeadSpec } from '../../protocol/heads.js';
import { resolveClassWeights } from './class-weights.js';
import { type ResolvedSplits, resolveLabels } from './labels.js';
import { checkNumbers } from './numbers.js';
import type { HeadRequest, HeadRequestOf } from './request.js';
import { resolveTagScheme } from './tag-scheme.js';
import { resolveThresholds } from './thresholds.js';

/** A head for the run, and all problems of its request. With problems, the head must not be used. */
export interface ResolvedHead {
  readonly head: TargetHeadSpec;
  readonly problems: readonly InputProblem[];
}

/**
 * Completes a head with facts from the data: its labels or tags.
 * @param request whose columns exist and have the right types
 */
export function resolveHead(request: HeadRequest, facts: TargetFacts, splits: ResolvedSplits): ResolvedHead {
  switch (request.kind) {
    case 'classification':
      return resolveClassification(request, facts, splits);
    case 'multiLabel':
      return resolveMultiLabel(request, facts, splits);
    case 'regression':
      return resolveRegression(request, facts, splits);
    case 'tokenClassification':
      return resolveTokenClassification(request, facts, splits);
    default:
      return request satisfies never;
  }
}

function resolveClassification(
  { kind, input, path }: HeadRequestOf<'classification'>,
  { counts }: TargetFacts,
  splits: ResolvedSplits,
): ResolvedHead {
  const { labelColumn } = input;
  const found = resolveLabels(labelColumn, counts, splits, kind, [...path, 'labelColumn']);
  const weights = resolveClassWeights(input.classWeights, found.labels, [...path, 'classWeights']);
  return {
    head: { kind, labelColumn, labels: [...found.labels], classWeights: weights.classWeights },
    problems: [...found.problems, ...weights.problems],
  };
}

function resolveMultiLabel(
  { kind, input, path }: HeadRequestOf<'multiLabel'>,
  { counts }: TargetFacts,
  splits: ResolvedSplits,
): ResolvedHead {
  const { labelColumn } = input;
  const found = resolveLabels(labelColumn, counts, splits, kind, [...path, 'labelColumn']);
  const weights = resolveClassWeights(input.classWeights, found.labels, [...path, 'classWeights']);
  const { thresholds, problems } = resolveThresholds(input.thresholds, found.labels, [...path, 'thresholds']);
  return {
    head: { kind, labelColumn, labels: [...found.labels], classWeights: weights.classWeights, thresholds },
    problems: [...found.problems, ...weights.problems, ...problems],
  };
}

function resolveRegression(
  { kind, input, path }: HeadRequestOf<'regression'>,
  facts: TargetFacts,
  splits: ResolvedSplits,
): ResolvedHead {
  const { targetColumns } = input;
  return {
    head: { kind, targetColumns: [...targetColumns] },
    problems: targetColumns.flatMap((column, i) =>
      checkNumbers(column, facts, splits, [...path, 'targetColumns', String(i)]),
    ),
  };
}

/**
 * The problems of the list of a regression's columns, whatever the columns hold.
 * @param path of `targetColumns` in the input
 */
export function checkTargetColumns(columns: readonly string[], path: readonly string[]): InputProblem[] {
  if (columns.length === 0) return [problem(path, 'REQUIRED', 'At least one column of numbers is required.')];
  if (columns.length > maxOutputs) {
    return [problem(path, 'TOO_LONG', `A head has at most ${maxOutputs} outputs.`)];
  }
  return columns.flatMap((column, i) =>
    columns.indexOf(column) === i
      ? []
      : [problem([...path, String(i)], 'INVALID_VALUE', `The column “${column}” is already in the list.`)],
  );
}

function resolveTokenClassification(
  { kind, input, path }: HeadRequestOf<'tokenClassification'>,
  facts: TargetFacts,
  splits: ResolvedSplits,
): ResolvedHead {
  const { tagColumn } = input;
  const columnPath = [...path, 'tagColumn'];
  const found = resolveLabels(tagColumn, facts.counts, splits, kind, columnPath);
  const weights = resolveClassWeights(input.classWeights, found.labels, [...path, 'classWeights']);
  const { scheme, problems } = resolveTagScheme(input.scheme, found.labels, [...path, 'scheme']);
  return {
    head: { kind, tagColumn, labels: [...found.labels], scheme, classWeights: weights.classWeights },
    problems: [
      ...found.problems,
      ...checkWords(facts, tagColumn, [splits.train, splits.validation ?? splits.train], columnPath),
      ...weights.problems,
      ...problems,
    ],
  };
}
