import { traitsOf } from './architectures/index.js';
import { rewardHeadOf } from './heads.js';
import type { ModelManifest } from './model-manifest.js';

type Model = Pick<ModelManifest, 'config' | 'heads' | 'pooling' | 'tokenizer'>;

/**
 * Why a model can not be the one that PPO's values begin with, as a message and a hint; null: it can. It reads the
 * policy's tokens, one value before each of them, so that it has to be a reward model of the same family, width and
 * tokens, whose head reads the last token of a text.
 */
export function valueModelProblem(
  base: Pick<Model, 'config' | 'tokenizer'>,
  model: Model,
): { readonly message: string; readonly hint: string } | null {
  const hint = 'Choose a reward model that was trained from the base model, or leave `valueModelId` out.';
  const of = (message: string) => ({ message, hint });
  if (rewardHeadOf(model) === null) return of('The model is no reward model: it has no head that scores answers.');
  const [ours, theirs] = [base.config, model.config];
  if (ours.architecture !== theirs.architecture || !traitsOf(theirs).isCausal) {
    return of(`The model is of the family “${theirs.architecture}”, and the policy of “${ours.architecture}”.`);
  }
  if (ours.hiddenSize !== theirs.hiddenSize) {
    return of(`The model is ${theirs.hiddenSize} wide, and the policy ${ours.hiddenSize}.`);
  }
  if (model.tokenizer.digest !== base.tokenizer.digest || ours.vocabularySize !== theirs.vocabularySize) {
    return of('The model has another tokenizer than the policy: it would read other tokens.');
  }
  if (model.pooling !== null && model.pooling !== 'lastToken') {
    return of('The head of the model reads the mean over all tokens: it has no value of a single one.');
  }
  return null;
}
