import type { PreparationStep, Recipe } from './recipe.js';
import type { AugmentationMethod } from './steps/augmentation.js';

/** The digests of the models that the steps of a recipe name, with their paths in the input. */
export function modelsNamedIn(
  recipe: Recipe,
): readonly { readonly digest: string; readonly path: readonly string[] }[] {
  return recipe.flatMap((step, i) => {
    const path = ['recipe', String(i), step.kind];
    if (step.kind === 'filterLength')
      return step.model === null ? [] : [{ digest: step.model, path: [...path, 'model'] }];
    const { methods, within } = changesOf(step);
    return methods.flatMap((method, j) =>
      method.kind === 'maskedModel'
        ? [{ digest: method.modelDigest, path: [...path, ...within, String(j), 'modelDigest'] }]
        : [],
    );
  });
}

/** How a step changes texts, and where it says so. */
function changesOf(step: PreparationStep): {
  readonly methods: readonly AugmentationMethod[];
  readonly within: readonly string[];
} {
  if (step.kind === 'augmentText') return { methods: step.methods, within: ['methods'] };
  if (step.kind === 'balanceLabels') return { methods: step.change?.methods ?? [], within: ['change', 'methods'] };
  return { methods: [], within: [] };
}
