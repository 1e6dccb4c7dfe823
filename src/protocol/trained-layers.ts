import type { Freeze } from './hyperparameters.js';
import type { LayerDescription } from './model-manifest.js';

/**
 * The lowest layer that is trained, by its index in the manifest; the number of layers when only heads are.
 * A prefix of n layers freezes the embeddings (index 0) and encoder layers 1 … n.
 */
export function lowestTrainedLayer(
  freeze: Freeze,
  { layers }: { readonly layers: readonly Pick<LayerDescription, 'index'>[] },
): number {
  switch (freeze.kind) {
    case 'none':
      return 0;
    case 'prefix':
      return Math.min(freeze.layers + 1, layers.length);
    case 'encoder':
      return layers.length;
    default:
      return freeze satisfies never;
  }
}

/**
 * Attune's names of the pooler of transformers' encoders, whatever theirs are: its projection, and the norm that
 * ModernBERT has after it. Universal Sentence Encoder Lite's `pooler` is not meant: its encoder always applies it.
 */
export const poolerModule = 'pooler.dense';
export const poolerNorm = 'pooler.norm';

/**
 * Attune's name of what predicts tokens, which heads of other kinds do not read: a decoder's own matrix for the logits
 * of the next token, or the modules that an encoder predicts masked tokens with.
 */
export const languageModelHead = 'lm_head';

export function isLanguageModelTensor({ name }: { readonly name: string }): boolean {
  return name.startsWith(`${languageModelHead}.`);
}

export function isPoolerTensor({ name }: { readonly name: string }): boolean {
  return name.startsWith(`${poolerModule}.`) || name.startsWith(`${poolerNorm}.`);
}
