import { byMethod, type RunSpec } from '../protocol/methods/index.js';
import type { TokenCounts } from './experiment-plan.js';

/**
 * How many rows of tokens a number of examples become: as many, except for documents, which are packed or divided. From
 * the lengths of sampled documents, those of long ones being estimates themselves.
 */
export function estimateRows(spec: RunSpec, examples: number, { mean }: Pick<TokenCounts, 'mean'>): number {
  const ofDocuments = (packing: 'packed' | 'separate') => {
    const rowsOfOne = mean / spec.hyperparameters.maxLength;
    return Math.max(1, Math.ceil(examples * (packing === 'packed' ? rowsOfOne : Math.max(1, rowsOfOne))));
  };
  return byMethod<number>(spec, {
    supervised: () => examples,
    multiTask: () => examples,
    // A pair is one row, and so is an answer: how many pairs ratings make is not known before they are read.
    rewardModelling: () => examples,
    preferenceOptimization: () => examples,
    languageModelling: ({ packing }) => (examples === 0 ? 0 : ofDocuments(packing)),
    // A step is made of prompts: what is written to them is counted where time is estimated.
    policyOptimization: () => examples,
    // A conversation is cut to a row, and not divided.
    instructionTuning: ({ packing }) => (examples === 0 || packing === 'separate' ? examples : ofDocuments(packing)),
  });
}
