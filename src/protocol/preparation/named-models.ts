import type { Recipe } from './recipe.js';

/** The digests of the models that the steps of a recipe name, with their paths in the input. */
export function modelsNamedIn(
  recipe: Recipe,
): readonly { readonly digest: string; readonly path: readonly string[] }[] {
  return recipe.flatMap((step, i) => {
    const path = ['recipe', String(i), step.kind];
    if (step.kind === 'filterLength')
      return step.model === null ? [] : [{ digest: step.model, path: [...path, 'model'] }];
    if (step.kind !== 'augmentText') return [];
    return step.methods.flatMap((method, j) =>
      method.kind === 'maskedModel'
        ? [{ digest: method.modelDigest, path: [...path, 'methods', String(j), 'modelDigest'] }]
        : [],
    );
  });
}
