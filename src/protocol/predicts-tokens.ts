import { traitsOf } from './architectures/index.js';
import type { LanguageObjective } from './methods/language-modelling.js';
import type { ModelManifest } from './model-manifest.js';
import { isLanguageModelTensor } from './trained-layers.js';

/**
 * What a model as it is predicts of a text's tokens; null where it predicts none: a model with heads, whose states
 * training may have changed, an encoder without what predicts masked tokens, and families that predict no tokens.
 */
export function predictedTokensOf({
  config,
  heads,
  layers,
}: Pick<ModelManifest, 'config' | 'heads' | 'layers'>): LanguageObjective | null {
  if (heads.length > 0) return null;
  const { isCausal, predictsMasked = false } = traitsOf(config);
  if (isCausal) return 'causal';
  return predictsMasked && layers.some(({ tensors }) => tensors.some(isLanguageModelTensor)) ? 'masked' : null;
}
