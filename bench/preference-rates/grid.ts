import { type Cell, type LearnerName, partNames } from './cell.js';

/** Rates of all layers; those of an adapter are ten times as high. */
const rates: { readonly [Name in LearnerName]: readonly number[] } = {
  dpo: [5e-5, 1e-4, 2e-4, 5e-4],
  kto: [5e-5, 1e-4, 2e-4, 5e-4],
  orpo: [5e-5, 1e-4, 2e-4, 5e-4],
  simpo: [5e-5, 1e-4, 2e-4, 5e-4],
  cpo: [5e-5, 1e-4, 2e-4, 5e-4],
  reward: [1e-4, 3e-4, 1e-3],
  grpo: [1e-4, 3e-4, 1e-3],
};

/** Passes over what is learned: those of the defaults. */
export const epochsOf: { readonly [Name in LearnerName]: number } = {
  dpo: 1,
  kto: 1,
  orpo: 1,
  simpo: 1,
  cpo: 1,
  reward: 2,
  grpo: 1,
};

export const sizes = { tuned: 2_000, pairs: 800, heldOut: 200, prompts: 192 } as const;
export type Sizes = { readonly [Part in keyof typeof sizes]: number };
export const toySizes: Sizes = { tuned: 8, pairs: 8, heldOut: 8, prompts: 4 };

/** A share of the pairs that are learned is the wrong way round; no held-out pair is. */
export const errorRate = 0.1;

export function cellsOf({ pairs, prompts }: Sizes): Cell[] {
  return partNames.flatMap((part) =>
    Object.entries(rates).flatMap(([name, ofAll]) =>
      ofAll.map((rate) => ({
        learner: name as LearnerName,
        part,
        examples: name === 'grpo' ? prompts : pairs,
        // Rates are written as people write them.
        learningRate: part === 'full' ? rate : Number((10 * rate).toPrecision(1)),
      })),
    ),
  );
}
