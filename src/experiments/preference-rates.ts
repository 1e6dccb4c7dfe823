import type { PreferenceObjectiveKind } from '../protocol/preference-objective.js';

/** A rate for models up to `measuredWidth` wide, and one for wider ones. */
interface Rates {
  readonly narrowRate: number;
  readonly widerRate: number;
}

/**
 * Learning rates of preference optimization by objective, of all layers; an adapter bears ten times as much, as TRL's
 * documentation on PEFT has it. Those of narrow models were measured on one of them, all layers alone
 * (docs/methods/preference-rates.md). Those of wider ones are TRL's defaults: 1e-6; of ORPO, which learns the better
 * answers as well, the paper's 5e-6 (Hong et al. 2024).
 */
const ofAllLayers: { readonly [Kind in PreferenceObjectiveKind]: Rates } = {
  dpo: { narrowRate: 5e-5, widerRate: 1e-6 },
  kto: { narrowRate: 5e-5, widerRate: 1e-6 },
  orpo: { narrowRate: 5e-5, widerRate: 5e-6 },
  simpo: { narrowRate: 5e-5, widerRate: 1e-6 },
  cpo: { narrowRate: 2e-4, widerRate: 1e-6 },
};

const adapterFactor = 10;

/** The names of objectives as people write them. */
export const objectiveTitles: { readonly [Kind in PreferenceObjectiveKind]: string } = {
  dpo: 'DPO',
  kto: 'KTO',
  orpo: 'ORPO',
  simpo: 'SimPO',
  cpo: 'CPO',
};

/** The rates of an objective, by what is trained. */
export function preferenceRates(objective: PreferenceObjectiveKind): Readonly<Record<'encoder' | 'adapter', Rates>> {
  const { narrowRate, widerRate } = ofAllLayers[objective];
  // 10 · 0.00005 is written as people write it.
  const more = (rate: number) => Number((adapterFactor * rate).toPrecision(2));
  return {
    encoder: { narrowRate, widerRate },
    adapter: { narrowRate: more(narrowRate), widerRate: more(widerRate) },
  };
}
