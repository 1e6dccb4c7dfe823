import type { Tensor } from '@tensorflow/tfjs-core';
import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { dpoLosses } from './dpo.js';
import type { PairSums } from './pair-sums.js';
import { cpoLosses, orpoLosses, simpoLosses } from './reference-free.js';

/** An objective that learns from pairs. */
export type PairObjective = Exclude<PreferenceObjective, { kind: 'kto' }>;

/** The losses of B pairs [B], without the term of the chosen answers' tokens. */
export function pairLosses(objective: PairObjective, sums: PairSums): Tensor {
  switch (objective.kind) {
    case 'dpo':
      return dpoLosses(objective, sums);
    case 'orpo':
      return orpoLosses(objective, sums);
    case 'simpo':
      return simpoLosses(objective, sums);
    case 'cpo':
      return cpoLosses(objective, sums);
    default:
      return objective satisfies never;
  }
}
