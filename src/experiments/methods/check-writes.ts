import { type InputProblem, problem } from '../../problems/problem.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import { checkCausal } from './language-modelling/resolve.js';

/** What is known of a model that is to write answers, or to give them probabilities. */
export type Writer = Pick<ModelManifest, 'config' | 'heads'>;

/**
 * The problem of a model that writes no texts, so that it has no answers to prefer: one that reads in both directions,
 * or a decoder that was trained for its heads, whose predictions of tokens nobody has looked after since.
 *
 * @param path of the method in the input
 */
export function checkWrites(model: Writer, path: readonly string[]): InputProblem[] {
  return [
    ...checkCausal(model, path),
    ...checkNoHeads(model, ['baseModelId'], 'Name the model that it was made from.'),
  ];
}

/** The problem of a model that was trained for its heads. @param path of the model in the input */
export function checkNoHeads({ heads }: Pick<Writer, 'heads'>, path: readonly string[], hint: string): InputProblem[] {
  const [first] = heads;
  if (first === undefined) return [];
  const what = first.kind === 'reward' ? 'is a reward model' : `was trained for its head “${first.task}”`;
  return [problem(path, 'UNSUPPORTED_MODEL', `The model ${what}: it writes no texts.`, hint)];
}
