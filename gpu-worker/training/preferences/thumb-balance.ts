import type { Finding } from '../../../src/protocol/findings.js';
import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import type { PreferenceExamples } from '../../data/preference-examples.js';
import type { JobContext } from '../../thread-port.js';

type ReportedEvents = Parameters<JobContext['events']>[0];

/** Where λ_D n_D / (λ_U n_U) is to lie: Ethayarajh et al. 2024, equation 9. */
const range = { least: 1, most: 4 / 3 };

/** A finding where KTO's weights do not make up for how many answers are good and how many are bad. */
export function findUnbalancedThumbs(objective: PreferenceObjective, examples: PreferenceExamples): Finding[] {
  if (objective.kind !== 'kto' || examples.kind !== 'answers') return [];
  const { desirableWeight, undesirableWeight } = objective;
  const good = examples.areGood.reduce((sum, is) => sum + is, 0);
  const bad = examples.areGood.length - good;
  if (good === 0 || bad === 0) return [{ code: 'UNBALANCED_THUMBS', good, bad, ratio: null, undesirableWeight: null }];
  const ratio = (desirableWeight * good) / (undesirableWeight * bad);
  // Counts of whole answers rarely meet a bound exactly.
  if (ratio >= range.least - 1e-9 && ratio <= range.most + 1e-9) return [];
  const bound = ratio < range.least ? range.least : range.most;
  return [
    {
      code: 'UNBALANCED_THUMBS',
      good,
      bad,
      ratio,
      // The weight of bad answers that brings the ratio to the bound that it missed.
      undesirableWeight: (desirableWeight * good) / (bound * bad),
    },
  ];
}

/** The same as lines of the log, which a person sees while the run goes on. */
export function describeThumbs(objective: PreferenceObjective, examples: PreferenceExamples): ReportedEvents {
  return findUnbalancedThumbs(objective, examples).flatMap((finding) => {
    if (finding.code !== 'UNBALANCED_THUMBS') return [];
    const { good, bad, ratio, undesirableWeight } = finding;
    const message =
      ratio === null
        ? `The training split has ${good} good and ${bad} bad answers: without both, KTO only moves away from the reference`
        : `The training split has ${good} good and ${bad} bad answers: with these weights good ones count ${ratio.toFixed(2)} times as much as bad ones, and between 1 and 1.33 is advised, for instance with undesirableWeight ${undesirableWeight?.toPrecision(3)}`;
    return [{ kind: 'logLine', level: 'WARNING', message }];
  });
}
