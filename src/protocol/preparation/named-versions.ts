import { z } from 'zod';
import { Sha256 } from '../sha256.js';
import type { Recipe } from './recipe.js';

/** A dataset version beside the sources, which a step reads to compare rows with, and the artifact of its rows. */
export const NamedVersion = z.object({ datasetVersionId: z.string(), digest: Sha256 });
export type NamedVersion = z.infer<typeof NamedVersion>;

/** The global ids of the dataset versions that the steps of a recipe name, with their paths in the input. */
export function versionsNamedIn(
  recipe: Recipe,
): readonly { readonly datasetVersionId: string; readonly path: readonly string[] }[] {
  return recipe.flatMap((step, i) => {
    if (step.kind !== 'dropDuplicates') return [];
    return step.versions.map(({ datasetVersionId }, j) => ({
      datasetVersionId,
      path: ['recipe', String(i), step.kind, 'versions', String(j), 'datasetVersionId'],
    }));
  });
}
