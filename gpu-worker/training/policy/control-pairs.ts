import type { MetricSample } from '../../../src/protocol/run-event.js';
import { pairGroups } from '../../data/pair-units.js';
import type { TokenScorer } from '../../forward/score-tokens.js';
import { metricSample } from '../../metrics/metric-samples.js';
import { perToken } from '../../metrics/preference-scores.js';
import { type HeldOutPreferences, pairsOf } from '../preferences/held-out-preferences.js';
import { scoreTexts } from '../preferences/reference-scores.js';
import type { MeasuredPairs } from './guards.js';

/** Judged answers that a policy is held against. */
export interface ControlPairs {
  readonly preferences: HeldOutPreferences;
  /** Of the policy's present parameters. */
  readonly scorer: TokenScorer;
}

/**
 * Measures which of two judged answers the policy finds likelier a token. Not its rewards against the reference, as DPO
 * has them: before the first update these are all 0, and there would be nothing to fall from.
 *
 * @param onBatch called often: it can give a sign of life, or throw in order to stop
 */
export async function measurePairs(
  { preferences, scorer }: ControlPairs,
  onBatch: () => void,
): Promise<{ readonly samples: readonly MetricSample[]; readonly pairs: MeasuredPairs }> {
  const scored = pairsOf(preferences, (await scoreTexts(scorer, preferences.texts, onBatch)).texts, null);
  const margins = scored.map((pair) => perToken(pair, 0) - perToken(pair, 1));
  const areRight = margins.map((margin) => margin > 0);
  const N = margins.length;
  return {
    samples: [
      metricSample('validation/preferenceAccuracy', areRight.filter((is) => is).length / N),
      metricSample('validation/preferenceMargin', margins.reduce((sum, margin) => sum + margin, 0) / N),
    ],
    pairs: { areRight, groups: pairGroups(preferences.units) },
  };
}
