import type { DatasetVersionRow } from '../../datasets/dataset.reads.js';
import type { InputProblem } from '../../problems/problem.js';
import type { TargetHeadSpec } from '../../protocol/heads.js';
import type { RunSpec } from '../../protocol/methods/index.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import type { PreferenceObjectiveKind } from '../../protocol/preference-objective.js';
import type { HeadRequest } from '../heads/request.js';
import type { Learns } from '../hyperparameter-defaults.js';
import type { ReferredDigests } from './referred.js';

type Version = Pick<DatasetVersionRow, 'columns' | 'splits'>;

type Model = Pick<ModelManifest, 'config' | 'heads'>;

export type ReadModel = Pick<ModelManifest, 'config' | 'heads' | 'tokenizer'>;

/** Texts, or judged answers, of another version or split, which are measured beside what is learned. */
export interface ControlRequest {
  /** The problems of split and column in that version. */
  check(version: Version): InputProblem[];
}

/** The parts of every method's spec, beside its texts and heads. */
type SpecBase = Pick<
  RunSpec,
  'baseModelDigest' | 'datasetDigest' | 'trainSplit' | 'validationSplit' | 'heldOut' | 'hyperparameters'
>;

/** The request of an input, in the same form for every method. */
export interface MethodRequest {
  /** What is learned: targets of heads, or the tokens of the texts themselves. */
  readonly learns: Learns;
  /** Of preference optimization, whose learning rate it decides. */
  readonly objective?: PreferenceObjectiveKind;
  /** The columns that an example's texts are in: a row without one of them is no example. */
  readonly textColumns: readonly string[];
  /**
   * Columns whose values are not to be in two parts where the training split is divided. Null or absent: those that the
   * version keeps together, or else the texts.
   */
  readonly keptTogether?: readonly string[] | null;
  /** The problems of these columns in a version of the data. */
  checkTextColumns(version: Version): InputProblem[];
  /** The problems of a base model that the method can not train. */
  checkModel(model: Model): InputProblem[];
  /** The problems of a reference model that the input names; absent where the method has none. */
  checkReference?(reference: ReadModel, model: ReadModel): InputProblem[];
  /** Null: neither control texts nor judged answers that a policy is held against. */
  readonly control: ControlRequest | null;
  /** Path in the input of what makes examples pairs, which not every model and head reads; null: they are no pairs. */
  readonly pairs: readonly string[] | null;
  /** The heads to train; null for a head that the input does not describe clearly, which is among the problems. */
  readonly heads: readonly (HeadRequest | null)[];
  /** The problems of the input, whatever the data. */
  readonly problems: readonly InputProblem[];
  /** The problems of the input beside its hyperparameters, such as lists of one value an epoch. */
  checkHyperparameters?(hyperparameters: RunSpec['hyperparameters']): InputProblem[];
  /** Keys of the metrics that are measured after each epoch; null while a head is not clear. */
  readonly measured: (model: Model) => readonly string[] | null;
  /**
   * Makes the spec.
   * @param heads the requested heads, completed, in their order
   * @param digests of what else the input names
   */
  specOf(base: SpecBase, heads: readonly TargetHeadSpec[], model: Model, digests: ReferredDigests): RunSpec;
}
