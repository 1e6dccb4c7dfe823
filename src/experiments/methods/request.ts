import type { InputProblem } from '../../problems/problem.js';
import type { HeadSpec } from '../../protocol/heads.js';
import type { RunSpec } from '../../protocol/methods/index.js';
import type { HeadRequest } from '../heads/request.js';

/** What every method's spec has, beside its texts and heads. */
export type SpecBase = Pick<
  RunSpec,
  'baseModelDigest' | 'datasetDigest' | 'trainSplit' | 'validationSplit' | 'hyperparameters'
>;

/** What an input asks for, in the same words for every method. */
export interface MethodRequest {
  /** Of the method in the input. */
  readonly path: readonly string[];
  readonly textColumn: string;
  /** null: single texts. */
  readonly pairColumn: string | null;
  /** The heads to train; null in place of one that the input does not say clearly, which is among the problems. */
  readonly heads: readonly (HeadRequest | null)[];
  /** What is wrong with it, whatever the data. */
  readonly problems: readonly InputProblem[];
  /** Keys of the metrics that are measured after each epoch; null while a head is not clear. */
  readonly measured: readonly string[] | null;
  /** The spec. @param heads those asked for, filled in, in their order */
  specOf(base: SpecBase, heads: readonly HeadSpec[]): RunSpec;
}
