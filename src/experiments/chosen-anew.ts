import type { HyperparametersInput } from './hyperparameters.input.js';

/** Hyperparameters whose defaults depend on the model, on what is trained or on how much. */
const chosenHyperparameters = [
  'learningRate',
  'epochs',
  'batchSize',
  'dropout',
  'maxLength',
  'truncationSide',
  'pooling',
] as const satisfies readonly (keyof HyperparametersInput)[];

export type ChosenHyperparameter = (typeof chosenHyperparameters)[number];

/** Those that a client left to the server. */
export function leftToChoose(input: HyperparametersInput | null | undefined): ChosenHyperparameter[] {
  return chosenHyperparameters.filter((name) => input?.[name] == null);
}

/** Those of a clone: where its input says nothing, as in the source. */
export function leftToChooseIn(
  input: HyperparametersInput | null | undefined,
  ofSource: readonly string[],
): ChosenHyperparameter[] {
  return leftToChoose(input).filter((name) => input?.[name] === null || ofSource.includes(name));
}

/** In what a clone differs from its source. */
export interface Differences {
  readonly model: boolean;
  /** All layers, an adapter or heads alone; targets of heads or tokens. */
  readonly trainedParts: boolean;
  /** Heads or tokens. */
  readonly learns: boolean;
  /** Of preference optimization. */
  readonly objective: boolean;
  /** The examples, or which of them are learned from. */
  readonly examples: boolean;
  /** Examples of an update, as far as the client gave them. */
  readonly batches: boolean;
}

/** Whether the default of a hyperparameter may be another one in the clone. */
export function isChosenAnew(name: ChosenHyperparameter, differs: Differences): boolean {
  switch (name) {
    case 'learningRate':
      return differs.model || differs.trainedParts || differs.objective;
    case 'batchSize':
      return differs.trainedParts || differs.examples;
    case 'epochs':
      return differs.trainedParts || differs.examples || differs.batches;
    case 'dropout':
    case 'truncationSide':
      return differs.model;
    case 'maxLength':
    case 'pooling':
      return differs.model || differs.learns;
    default:
      return name satisfies never;
  }
}
