import { type InputProblem, problem } from '../../problems/problem.js';
import type { TargetKind } from '../../protocol/heads.js';
import type { NamedHeadFields, NamedHeadInput } from './columns.js';

/** A head as the input requests it. */
export type HeadRequest = { readonly [Kind in TargetKind]: HeadRequestOf<Kind> }[TargetKind];

export interface HeadRequestOf<Kind extends TargetKind> {
  readonly kind: Kind;
  readonly input: NonNullable<NamedHeadInput[Kind]>;
  /** The path of the head's fields in the input. */
  readonly path: readonly string[];
}

/** A column of targets, and its path in the input. */
export interface NamedTarget {
  readonly name: string;
  readonly path: readonly string[];
}

/**
 * The head that a method or task requests, in short or in full; null, with a problem, where the input is not clear.
 * @param path of the method or task in the input
 */
export function requestedHead(
  { labelColumn, classWeights, head }: NamedHeadFields,
  path: readonly string[],
): { readonly request: HeadRequest | null; readonly problems: readonly InputProblem[] } {
  if (labelColumn != null && head != null) {
    const message = 'The input says twice what to predict: by `labelColumn` and by `head`.';
    const hint = '`labelColumn` is short for a head of single-label classification: leave out one of the two.';
    return { request: null, problems: [problem([...path, 'head'], 'INVALID_VALUE', message, hint)] };
  }
  if (labelColumn != null) {
    const input = { labelColumn, classWeights: classWeights ?? null };
    return { request: { kind: 'classification', input, path }, problems: [] };
  }
  if (head == null) {
    const message = 'The input does not say what to predict.';
    const hint = 'Give `head`; or, in short, `labelColumn` for single-label classification.';
    return { request: null, problems: [problem([...path, 'head'], 'REQUIRED', message, hint)] };
  }
  const misplaced = problem(
    [...path, 'classWeights'],
    'INVALID_VALUE',
    'Class weights are given beside `labelColumn`, but `labelColumn` is missing.',
    'The class weights of a `head` are a field of `head`.',
  );
  return { request: headIn(head, [...path, 'head']), problems: classWeights == null ? [] : [misplaced] };
}

/** @param path of the head in the input */
function headIn(head: NamedHeadInput, path: readonly string[]): HeadRequest {
  const { classification, multiLabel, regression, tokenClassification, ...others } = head;
  others satisfies Readonly<Record<string, never>>;
  if (classification != null) {
    return { kind: 'classification', input: classification, path: [...path, 'classification'] };
  }
  if (multiLabel != null) return { kind: 'multiLabel', input: multiLabel, path: [...path, 'multiLabel'] };
  if (regression != null) return { kind: 'regression', input: regression, path: [...path, 'regression'] };
  if (tokenClassification != null) {
    return { kind: 'tokenClassification', input: tokenClassification, path: [...path, 'tokenClassification'] };
  }
  throw new Error('The head has no kind, which @oneOf should have refused.');
}

/** The columns that the head's targets come from. */
export function targetsOf({ kind, input, path }: HeadRequest): NamedTarget[] {
  switch (kind) {
    case 'classification':
    case 'multiLabel':
      return [{ name: input.labelColumn, path: [...path, 'labelColumn'] }];
    case 'regression':
      return input.targetColumns.map((name, i) => ({ name, path: [...path, 'targetColumns', String(i)] }));
    case 'tokenClassification':
      return [{ name: input.tagColumn, path: [...path, 'tagColumn'] }];
    default:
      return kind satisfies never;
  }
}
